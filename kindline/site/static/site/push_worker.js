// Shows a notice that the push service of the browser has brought, says to our own server that it was shown, and opens its
// page when it is clicked. It answers for nothing else: pages are loaded past it.
"use strict";

const own = (path) => {
  const found = new URL(path || "/", self.location.origin);
  return found.origin === self.location.origin ? found.href : self.location.origin;
};

function read(data) {
  try {
    return data ? data.json() : {};
  } catch {
    return {};
  }
}

async function show(told) {
  await self.registration.showNotification(told.title || self.location.hostname, {
    body: told.body || "",
    lang: told.lang || "",
    tag: told.tag || "",
    data: { link: told.link || "/notices/" },
  });
  if (!told.shown) return;
  try {
    await fetch(own(told.shown), { method: "POST", credentials: "omit", keepalive: true });
  } catch {
    // without a network it stays unknown whether it was shown
  }
}

async function open(link) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => one.url === link);
  return there ? there.focus() : self.clients.openWindow(link);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(read(event.data))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(own(event.notification.data && event.notification.data.link)));
});
