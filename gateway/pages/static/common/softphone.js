/**
 * A telephone in the page: microphone and loudspeaker over one WebSocket (subprotocol `aicc.softphone.1`).
 *
 * ```js
 * const phone = new Softphone();
 * phone.addEventListener("ended", ({ detail }) => …);
 * const { call } = await phone.connect(ticket);   // must be called by a press: browsers ask for one before sound
 * ```
 *
 * Told by the phone, as `CustomEvent`s with `detail`:
 * - `state`: `"idle" | "microphone" | "connecting" | "connected" | "ended"`
 * - `level`: `{microphone, loudspeaker, buffered}`, peaks from 0 to 1 and seconds that wait to be played
 * - `ended`: `{by: "us" | "them" | "network" | "refused", code, reason}`, exactly once after `connected`
 *
 * @module
 */

/** @typedef {"idle" | "microphone" | "connecting" | "connected" | "ended"} PhoneState */

export const PROTOCOL = "aicc.softphone.1";
const ANSWER_WITHIN = 15_000;
const COUNTER = 4;
const MOST_UNSENT = 64_000;
/** The loudspeaker reports some twenty times a second. */
const REPORTS_APART = 60;

/** Why there is no call; `code` is `softphone.<code>` in the catalogue. */
export class SoftphoneError extends Error {
  /**
   * @param {string} code
   * @param {string} [reason] the server's words
   * @param {number} [closeCode] the socket's; 1013: no room, or not now
   */
  constructor(code, reason = "", closeCode = 0) {
    super(reason || code);
    this.name = "SoftphoneError";
    this.code = code;
    this.reason = reason;
    this.closeCode = closeCode;
  }
}

export class Softphone extends EventTarget {
  /** @type {PhoneState} */
  #state = "idle";
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {AudioContext | null} */
  #sound = null;
  /** @type {MediaStream | null} */
  #microphone = null;
  /** @type {AudioWorkletNode | null} */
  #capture = null;
  /** @type {AudioWorkletNode | null} */
  #playback = null;
  /** @type {GainNode | null} */
  #gain = null;
  #counter = 0;
  #reports = 0;
  #muted = false;
  #microphonePeak = 0;
  #hungUp = false;
  #said = "";
  /** Frames that the network did not take in time. */
  unsent = 0;

  /** @returns {PhoneState} */
  get state() {
    return this.#state;
  }

  get muted() {
    return this.#muted;
  }

  /**
   * Open the line.
   *
   * @param {string} ticket good for one call
   * @param {{microphone?: boolean, path?: string}} [options] without `microphone` one only listens
   * @returns {Promise<{call: string, rate: number}>}
   * @throws {SoftphoneError}
   */
  async connect(ticket, { microphone = true, path = "/v1/softphone" } = {}) {
    // After `prepare` the microphone is there already.
    if (this.#state !== "idle" && this.#state !== "microphone") throw new Error("a softphone makes one call: take a new one");
    try {
      await this.#open(microphone);
      this.#become("connecting");
      return await this.#dial(ticket, path);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /**
   * Only ask for the microphone and make ready, so that `connect` is quick afterwards. Called in a press.
   *
   * @param {boolean} [microphone]
   */
  async prepare(microphone = true) {
    await this.#open(microphone);
  }

  /** Press a key (`0-9 * #`). @param {string} digit */
  press(digit) {
    this.#say({ type: "dtmf", digit });
  }

  /** Be heard no more, or again. @param {boolean} muted */
  mute(muted) {
    this.#muted = muted;
    this.#capture?.port.postMessage({ type: "mute", muted });
  }

  /** How loud the other side is, 0 to 1. @param {number} volume */
  volume(volume) {
    this.#gain?.gain.setTargetAtTime(Math.max(0, Math.min(1, volume)), this.#sound?.currentTime ?? 0, 0.02);
  }

  /** End the call. */
  hangUp() {
    this.#hungUp = true;
    this.#say({ type: "bye" });
    this.#socket?.close(1000);
    if (this.#state !== "connected") this.#end();
  }

  /** @param {boolean} microphone */
  async #open(microphone) {
    if (this.#sound !== null) return;
    if (!("AudioWorkletNode" in globalThis) && globalThis.isSecureContext) throw new SoftphoneError("unsupported");
    if (microphone && !navigator.mediaDevices) throw new SoftphoneError("insecure");
    this.#become("microphone");
    this.#sound = new AudioContext({ latencyHint: "interactive" });
    const loading = Promise.all(
      ["capture", "playback"].map((name) => this.#sound?.audioWorklet.addModule(`/static/common/${name}-worklet.js`)),
    );
    loading.catch(() => undefined); // it is waited for below; a microphone that is refused comes before
    if (microphone) this.#microphone = await askForMicrophone();
    await loading;
    await this.#sound.resume();
    if (this.#state === "ended") throw new SoftphoneError("lost");
    this.#wire(this.#sound);
  }

  /** @param {AudioContext} sound */
  #wire(sound) {
    this.#playback = new AudioWorkletNode(sound, "aicc-playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#playback.port.onmessage = ({ data }) => this.#played(data);
    this.#gain = sound.createGain();
    this.#playback.connect(this.#gain).connect(sound.destination);
    if (this.#microphone === null) return;
    this.#capture = new AudioWorkletNode(sound, "aicc-capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    this.#capture.port.onmessage = ({ data }) => this.#captured(data);
    sound.createMediaStreamSource(this.#microphone).connect(this.#capture);
    if (this.#muted) this.mute(true);
  }

  /** @param {string} ticket @param {string} path @returns {Promise<{call: string, rate: number}>} */
  #dial(ticket, path) {
    const address = new URL(path, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, PROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => socket.close(), ANSWER_WITHIN);
      socket.onopen = () => socket.send(JSON.stringify({ type: "hello", ticket }));
      socket.onmessage = ({ data }) => {
        if (data instanceof ArrayBuffer) this.#playback?.port.postMessage({ type: "sound", pcm: data }, [data]);
        else this.#told(JSON.parse(data), late, resolve);
      };
      socket.onclose = (event) => {
        clearTimeout(late);
        reject(new SoftphoneError(event.code === 1006 ? "lost" : "refused", event.reason, event.code));
        this.#closed(event);
      };
    });
  }

  /** @param {any} message @param {number} late @param {(ready: {call: string, rate: number}) => void} resolve */
  #told(message, late, resolve) {
    if (message.type === "ready") {
      clearTimeout(late);
      this.#become("connected");
      resolve({ call: message.call, rate: message.rate });
    } else if (message.type === "mark" || message.type === "clear") {
      this.#playback?.port.postMessage(message);
    } else if (message.type === "bye") {
      this.#said = message.reason ?? "";
    }
  }

  /** @param {CloseEvent} event */
  #closed({ code, reason }) {
    const was = this.#state;
    this.#end();
    if (was !== "connected") return;
    const by = this.#hungUp ? "us" : code === 1000 ? "them" : code === 1006 ? "network" : "refused";
    this.#tell("ended", { by, code, reason: this.#said || reason });
  }

  /** @param {{pcm: ArrayBuffer, peak: number}} frame */
  #captured({ pcm, peak }) {
    this.#microphonePeak = Math.max(this.#microphonePeak, peak);
    if (this.#state !== "connected" || this.#socket?.readyState !== WebSocket.OPEN) return;
    const counter = this.#counter++ >>> 0;
    // What the network does not take is left out; the counter shows the gap. Sound that comes late is of no use.
    if (this.#socket.bufferedAmount > MOST_UNSENT) {
      this.unsent += 1;
      return;
    }
    const message = new Uint8Array(COUNTER + pcm.byteLength);
    new DataView(message.buffer).setUint32(0, counter, true);
    message.set(new Uint8Array(pcm), COUNTER);
    this.#socket.send(message);
  }

  /** @param {any} data */
  #played(data) {
    if (data.type === "mark") this.#say({ type: "mark", name: data.name });
    if (data.type !== "level") return;
    // Who only listens sends no sound: the line would look dead.
    if (this.#microphone === null && ++this.#reports % REPORTS_APART === 0) this.#say({ type: "alive" });
    this.#tell("level", { microphone: this.#microphonePeak, loudspeaker: data.peak, buffered: data.buffered });
    this.#microphonePeak = 0;
  }

  /** @param {object} message */
  #say(message) {
    if (this.#state === "connected" && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** Let everything go: the microphone's light is off when the call is over. */
  #end() {
    this.#become("ended");
    this.#socket?.close();
    for (const node of [this.#capture, this.#playback]) {
      node?.port.postMessage({ type: "end" });
      node?.disconnect();
    }
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    if (this.#sound !== null && this.#sound.state !== "closed") void this.#sound.close();
  }

  /** @param {PhoneState} state */
  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell("state", state);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @returns {Promise<MediaStream>} */
async function askForMicrophone() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") throw new SoftphoneError("microphone_denied");
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new SoftphoneError("microphone_missing");
    throw new SoftphoneError("microphone_busy");
  }
}
