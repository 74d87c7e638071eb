/** One person in one chat: who they are, what they know, and what they can do. */

import { asUser } from "./api.js";
import { review } from "./attach.js";
import { explain, toast } from "./dialogs.js";
import { Presses } from "./keyboard.js";
import { openMessageMenu } from "./messagemenu.js";
import { ChatStore } from "./store.js";
import { follow } from "./stream.js";

export class Session {
  /** The emoji that this person put on messages since the page was opened. @type {Map<number, string>} */
  #myReactions = new Map();
  #isClosed = false;
  /** Where this person writes; set by whoever opens the session. @type {import("./composer.js").Composer} */
  compose;

  /**
   * @param {import("./types.js").User} me
   * @param {import("./types.js").User} bot
   * @param {object} options
   * @param {number} [options.groupId]
   * @param {import("./log.js").Log} options.log
   * @param {(isConnected: boolean) => void} options.onState
   * @param {() => void} options.onGone called when the emulator knows this person no more
   * @param {(payload: string) => void} options.openBot goes to the private chat, as a link to the bot does
   */
  constructor(me, bot, { groupId, log, onState, onGone, openBot }) {
    this.me = me;
    this.bot = bot;
    this.isGroup = Boolean(groupId);
    this.log = log;
    this.onState = onState;
    this.onGone = onGone;
    this.api = asUser(me.id, groupId);
    this.store = new ChatStore(groupId ?? me.id);
    this.presses = new Presses(this);
    this.store.addEventListener("reacted", () => this.#refreshReactions());
    /** What the parts of the page may ask for. */
    this.actions = {
      sendText: (text) => this.api.send({ text }).catch((error) => toast(explain(error))),
      openBot,
      block: () => this.api.block().catch((error) => toast(explain(error))),
      restart: () => this.actions.sendText("/start"), // writing unblocks the bot
      review: (files, asFile) => review(this, files, asFile),
      showMessage: (id) => log.show(id),
      openMessageMenu: (message, anchor, at) => openMessageMenu(this, message, anchor, at),
      react: (message, emoji) => this.#react(message, emoji),
    };
  }

  /** Load the chat, then stay up to date until `close()`. Resolves once the chat is loaded. */
  async open() {
    const snapshot = await this.api.chat();
    if (this.#isClosed) return;
    this.store.load(snapshot);
    let isFirst = true;
    const catchUp = async () => {
      if (!isFirst) await this.#resume();
      isFirst = false;
      return this.store.seq;
    };
    const onEvent = (event) => this.store.apply(event);
    this.stream = follow({ url: this.api.streamUrl, catchUp, onEvent, onState: this.onState });
  }

  close() {
    this.#isClosed = true;
    this.stream?.close();
  }

  /** After a break: the missed events follow by themselves, unless the emulator forgot everything meanwhile. */
  async #resume() {
    try {
      const snapshot = await this.api.chat();
      if (snapshot.seq < this.store.seq) this.store.load(snapshot);
    } catch (error) {
      if (error.status === 404) this.onGone();
      throw error;
    }
  }

  async #react(message, emoji) {
    const id = message.message_id;
    const wanted = this.#myReactions.get(id) === emoji ? "" : emoji;
    try {
      await this.api.react(id, wanted);
      this.#myReactions.set(id, wanted);
    } catch (error) {
      toast(explain(error));
    }
  }

  /** An event tells what one person changed; a bubble shows everybody's. */
  async #refreshReactions() {
    const { reactions } = await this.api.chat().catch(() => ({}));
    if (reactions) this.store.setReactions(reactions);
  }
}
