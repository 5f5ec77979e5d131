// The room of a consultation by video. Sound and picture go from browser to browser (WebRTC); how the two find each other
// is told through our own server, which is asked about once a second. The same file leads both sides: the specialist's
// page makes the offer, the client's answers it. A page that is loaded again has a new name, and the talk is made anew.
(() => {
  "use strict";
  const config = JSON.parse(document.getElementById("room-config").textContent);
  const token = document.querySelector("#room-token input").value;
  const part = (name) => document.getElementById(`room-${name}`);
  const words = config.words;
  const PAGE = crypto.randomUUID ? crypto.randomUUID() : uuid();
  const EVERY_MS = 1000, STUCK_MS = 25_000, AGAIN_MS = 4000;

  let stream = null, link = null, other = "", after = 0, entered = false, joined = false, stopped = false;
  let toSay = [], early = [], endsAt = 0, said = "", warned = new Set(), linkedAt = 0, brokenAt = 0, timer = 0, asking = false;

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function say(key, places = {}) {
    const text = (words[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in places ? places[name] : whole));
    if (text !== said) part("said").textContent = said = text;
  }

  // ---- camera and microphone ------------------------------------------------------------------------------------------
  async function devices() {
    if (!navigator.mediaDevices) return refuse("insecure");
    say("starting");
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true }, video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    } catch (error) {
      if (error.name === "NotAllowedError") return refuse("denied");
    }
    try {
      const heard = await navigator.mediaDevices.getUserMedia({ audio: true });
      part("self").hidden = true;
      part("note").hidden = false;
      return heard;
    } catch (error) {
      return refuse(error.name === "NotAllowedError" ? "denied" : error.name === "NotFoundError" ? "missing" : "busy");
    }
  }

  function refuse(key) {
    stopped = true;
    say(key);
    return null;
  }

  function switchFor(kind, button, on, off) {
    const tracks = stream.getTracks().filter((one) => one.kind === kind);
    button.hidden = tracks.length === 0;
    const show = () => (button.textContent = words[tracks[0]?.enabled ? on : off]);
    button.addEventListener("click", () => {
      for (const one of tracks) one.enabled = !one.enabled;
      show();
    });
    show();
  }

  // ---- the way from browser to browser ----------------------------------------------------------------------------------
  function connect(page) {
    hangUp();
    other = page;
    linkedAt = Date.now();
    link = new RTCPeerConnection({ iceServers: config.servers });
    const mine = link;
    for (const track of stream.getTracks()) link.addTrack(track, stream);
    if (!stream.getVideoTracks().length) link.addTransceiver("video", { direction: "recvonly" });
    link.addEventListener("icecandidate", (event) => {
      if (event.candidate && link === mine) tell("candidate", event.candidate.toJSON());
    });
    link.addEventListener("track", (event) => {
      part("other").srcObject = event.streams[0] || new MediaStream([event.track]);
    });
    link.addEventListener("connectionstatechange", () => {
      if (link !== mine) return;
      if (mine.connectionState === "connected") {
        joined = true;
        brokenAt = 0;
      } else if (mine.connectionState === "failed" || mine.connectionState === "disconnected") brokenAt ||= Date.now();
      ask();
    });
  }

  function hangUp() {
    if (link) link.close();
    link = null;
    joined = false;
    early = [];
    brokenAt = 0;
    part("other").srcObject = null;
  }

  function tell(kind, body) {
    toSay.push({ to: other, kind, body: JSON.stringify(body) });
    ask();
  }

  async function offer(page) {
    connect(page);
    const mine = link;
    await mine.setLocalDescription(await mine.createOffer());
    if (link === mine) tell("offer", mine.localDescription.toJSON());
  }

  async function hear(word) {
    const body = JSON.parse(word.body);
    if (word.kind === "offer" && config.side === "client") {
      connect(word.page);
      const mine = link;
      await mine.setRemoteDescription(body);
      await addEarly();
      await mine.setLocalDescription(await mine.createAnswer());
      if (link === mine) tell("answer", mine.localDescription.toJSON());
    } else if (word.page !== other || !link) return;
    else if (word.kind === "answer" && link.signalingState === "have-local-offer") {
      await link.setRemoteDescription(body);
      await addEarly();
    } else if (word.kind === "candidate") {
      if (link.remoteDescription) await link.addIceCandidate(body).catch(() => {});
      else early.push(body);
    }
  }

  async function addEarly() {
    const waiting = early;
    early = [];
    for (const one of waiting) await link.addIceCandidate(one).catch(() => {});
  }

  // ---- what is said to the server, and heard from it ----------------------------------------------------------------------
  async function ask(leave = false) {
    if (asking && !leave) return;
    asking = true;
    const sent = toSay;
    toSay = [];
    try {
      const answer = await fetch(config.say, {
        method: "POST", credentials: "same-origin", signal: AbortSignal.timeout(8000),
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ page: PAGE, enters: !entered, joined, after, leave, words: sent }),
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      await learn(await answer.json());
    } catch {
      toSay = sent.concat(toSay); // nothing was heard there: it is said again
      if (!stopped) say("offline");
    } finally {
      asking = false;
      if (toSay.length && !stopped) window.setTimeout(ask, 50);
    }
  }

  async function learn(room) {
    if (stopped) return;
    if (room.phase !== "early") entered = true;
    endsAt = room.left_s === null ? 0 : Date.now() + room.left_s * 1000;
    if (["over", "cancelled", "elsewhere"].includes(room.phase)) return stop(room.phase);
    for (const word of room.words) {
      after = Math.max(after, word.id);
      await hear(word).catch((error) => console.warn(error));
    }
    if (config.side === "specialist" && room.other && (room.other !== other || !link)) await offer(room.other);
    if (config.side === "specialist" && brokenAt && room.other && Date.now() - brokenAt > AGAIN_MS) await offer(room.other);
    tellPhase(room);
  }

  function tellPhase(room) {
    const fresh = joined && !brokenAt;
    part("end").hidden = !(room.phase === "talking" || fresh);
    if (warned.has("now")) return;
    if (room.phase === "early") say("early");
    else if (fresh) say("talking");
    else if (!room.other) say(`alone_${config.side}`);
    else if (linkedAt && !joined && Date.now() - linkedAt > STUCK_MS) say("stuck");
    else say(room.phase === "talking" ? "again" : "together");
  }

  // ---- the clock: both are warned, and at the limit the connection is closed here, whatever the server says --------------
  function tick() {
    part("left").hidden = !endsAt || stopped;
    if (!endsAt || stopped) return;
    const left = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
    part("left").textContent = `${words.left}: ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const gone = config.limit_s - left;
    const passed = config.warn_s.filter((one) => gone >= one);
    part("left").classList.toggle("soon", passed.length > 0);
    const last = passed[passed.length - 1];
    if (last && !warned.has(last)) {
      passed.forEach((one) => warned.add(one));
      warned.add("now");
      say("warned", { minutes: Math.ceil(left / 60) });
      window.setTimeout(() => warned.delete("now"), 15_000);
    }
    if (left === 0) {
      stop("over");
      ask();
    }
  }

  function stop(key) {
    stopped = true;
    hangUp();
    window.clearInterval(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    part("self").srcObject = null;
    for (const name of ["microphone", "camera", "end", "left"]) part(name).hidden = true;
    say(key);
  }

  async function begin() {
    part("note").textContent = words.no_camera;
    document.getElementById("room").hidden = false;
    stream = await devices();
    if (!stream) return;
    part("self").srcObject = stream;
    switchFor("audio", part("microphone"), "unmuted", "muted");
    switchFor("video", part("camera"), "shown", "hidden");
    part("end").addEventListener("click", async () => {
      await ask(true);
      stop("over");
    });
    timer = window.setInterval(() => {
      tick();
      ask();
    }, EVERY_MS);
    ask();
  }

  void begin();
})();
