"""What stands in a page's form, read without a browser."""

import html
import re


def fields_on(page: str) -> dict[str, str]:
    """The hidden fields of the form in a page's content, as a browser would send them."""
    content = page[page.index("<main") :]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', content)
    return {name: html.unescape(value) for name, value in found}
