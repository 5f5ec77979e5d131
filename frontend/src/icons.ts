/** Tabler's icons, only those used, as lit templates hidden from screen readers. */

import { unsafeHTML } from "lit-html/directives/unsafe-html.js";
import alert from "@tabler/icons/outline/alert-triangle.svg?raw";
import building from "@tabler/icons/outline/building.svg?raw";
import check from "@tabler/icons/outline/check.svg?raw";
import chevron from "@tabler/icons/outline/chevron-right.svg?raw";
import dialpad from "@tabler/icons/outline/dialpad.svg?raw";
import file from "@tabler/icons/outline/file-text.svg?raw";
import globe from "@tabler/icons/outline/world.svg?raw";
import keyboard from "@tabler/icons/outline/keyboard.svg?raw";
import lock from "@tabler/icons/outline/lock.svg?raw";
import lockOpen from "@tabler/icons/outline/lock-open.svg?raw";
import mail from "@tabler/icons/outline/mail.svg?raw";
import mic from "@tabler/icons/outline/microphone.svg?raw";
import micOff from "@tabler/icons/outline/microphone-off.svg?raw";
import pause from "@tabler/icons/outline/player-pause.svg?raw";
import phone from "@tabler/icons/outline/phone.svg?raw";
import phoneCall from "@tabler/icons/outline/phone-call.svg?raw";
import phoneOff from "@tabler/icons/outline/phone-off.svg?raw";
import play from "@tabler/icons/outline/player-play.svg?raw";
import search from "@tabler/icons/outline/search.svg?raw";
import skip from "@tabler/icons/outline/player-skip-forward.svg?raw";
import transfer from "@tabler/icons/outline/phone-outgoing.svg?raw";
import user from "@tabler/icons/outline/user.svg?raw";
import users from "@tabler/icons/outline/users.svg?raw";
import volume from "@tabler/icons/outline/volume.svg?raw";
import x from "@tabler/icons/outline/x.svg?raw";

const all = {
  alert, building, check, chevron, dialpad, file, globe, keyboard, lock, lockOpen, mail, mic, micOff, pause, phone,
  phoneCall, phoneOff, play, search, skip, transfer, user, users, volume, x,
};

export type IconName = keyof typeof all;

export function icon(name: IconName): ReturnType<typeof unsafeHTML> {
  return unsafeHTML(all[name].replace("<svg", '<svg aria-hidden="true" focusable="false"'));
}
