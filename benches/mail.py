"""bench mail: see kindline.runtime.benches.mail."""

import sys

from kindline.runtime.benches import mail

mail.main(sys.argv[1:])
