// The page of notices in a browser: asks the browser by its owner's click alone, and tells our server what it answered.
// Without this script the page says what push needs and offers e-mail and SMS.
(() => {
  "use strict";
  const config = JSON.parse(document.getElementById("push-config").textContent);
  const part = (name) => document.getElementById(`push-${name}`);
  const form = part("form"), words = config.words;
  let subscription = null;

  function say(key) {
    part("said").textContent = words[key];
  }

  function show(wanted) {
    part("wanted").replaceChildren(
      ...wanted.map((one) => Object.assign(document.createElement("li"), { textContent: one })),
    );
    part("leave").hidden = !subscription;
  }

  const octets = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (one) => one.charCodeAt(0));
  };
  const same = (one, other) => one.length === other.length && one.every((octet, place) => octet === other[place]);

  function lacking() {
    if (!window.isSecureContext) return "insecure";
    const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
    return can ? "" : "cannot";
  }

  async function tell(verb, more = {}) {
    const body = new FormData(form), keys = subscription.toJSON().keys || {};
    for (const [name, value] of Object.entries({ verb, endpoint: subscription.endpoint, p256dh: keys.p256dh, auth: keys.auth, ...more })) {
      body.set(name, value);
    }
    const answer = await fetch(config.browser, { method: "POST", body });
    if (answer.ok) return (await answer.json()).wanted;
    throw new Error(answer.status === 429 ? "many" : answer.status === 422 ? "failed" : "lost");
  }

  async function subscribed() {
    const registration = await navigator.serviceWorker.register(config.worker, { scope: "/" });
    await navigator.serviceWorker.ready;
    const key = octets(config.key), known = await registration.pushManager.getSubscription();
    const given = known && known.options && known.options.applicationServerKey;
    if (known && given && same(new Uint8Array(given), key)) return known;
    if (known) await known.unsubscribe(); // it was made for another key of ours: nobody could write to it
    return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }

  async function begin(event) {
    event.preventDefault();
    const topics = [...form.querySelectorAll('[name="topics"]')];
    if (topics.length && !topics.some((one) => one.checked)) return say("topics");
    say("asking");
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return say("denied");
    try {
      subscription = await subscribed();
    } catch {
      return say("failed");
    }
    return told(() => tell("subscribe"), "kept");
  }

  async function told(asking, key) {
    try {
      const wanted = await asking();
      say(key);
      show(wanted);
    } catch (error) {
      say(words[error.message] ? error.message : "lost");
    }
  }

  async function leave() {
    await told(async () => {
      const wanted = await tell("leave");
      await subscription.unsubscribe();
      subscription = null;
      return wanted;
    }, "left");
  }

  async function look() {
    const registration = await navigator.serviceWorker.getRegistration("/");
    subscription = registration ? await registration.pushManager.getSubscription() : null;
    if (!subscription) return say(Notification.permission === "denied" ? "denied" : "off");
    const wanted = await tell("state").catch(() => null);
    say(wanted === null ? "lost" : wanted.length ? "on" : "off");
    return show(wanted || []);
  }

  const lacks = lacking();
  if (lacks) return say(lacks);
  form.hidden = false;
  form.addEventListener("submit", begin);
  part("leave").addEventListener("click", leave);
  return look();
})();
