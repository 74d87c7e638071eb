/** What this page knows of one chat, kept up to date by events. */

const ACTION_SHOWN_MS = 6000;

/**
 * One chat as one person sees it. Dispatches `loaded`, `message` (detail: the message, and whether it is new), `deleted`
 * (the id), `action`, `commands`, `keyboard`, `blocked`, `reacted` (somebody did), `reaction` (the id of a message
 * whose reactions are known anew) and `answer` (the event).
 */
export class ChatStore extends EventTarget {
  seq = 0;
  /** @type {Map<number, import("./types.js").Message>} */
  messages = new Map();
  /** @type {import("./types.js").Command[]} */
  commands = [];
  /** @type {import("./types.js").ReplyKeyboard | null} */
  replyKeyboard = null;
  /** @type {string | null} */
  action = null;
  isBlocked = false;
  /** @type {Map<number, import("./types.js").Reaction[]>} */
  reactions = new Map();
  #actionTimer = 0;

  /** @param {number} chatId */
  constructor(chatId) {
    super();
    this.chatId = chatId;
  }

  /** Start over from a snapshot. @param {import("./types.js").Snapshot} snapshot */
  load(snapshot) {
    this.seq = snapshot.seq;
    this.messages = new Map(snapshot.messages.map((message) => [message.message_id, message]));
    this.commands = snapshot.commands;
    this.replyKeyboard = snapshot.reply_keyboard;
    this.isBlocked = snapshot.is_blocked;
    this.reactions = byMessage(snapshot.reactions ?? {});
    this.#setAction(snapshot.action);
    this.#tell("loaded");
  }

  /** Take in what happened; events already known are ignored. @param {import("./types.js").ChatEvent} event */
  apply(event) {
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    if (event.chat_id !== this.chatId) return;
    this.#handlers[event.type]?.(event);
  }


  /** Everybody's reactions by message. @param {Record<string, import("./types.js").Reaction[]>} reactions */
  setReactions(reactions) {
    const before = this.reactions;
    this.reactions = byMessage(reactions);
    for (const id of new Set([...before.keys(), ...this.reactions.keys()])) {
      if (JSON.stringify(before.get(id)) !== JSON.stringify(this.reactions.get(id))) this.#tell("reaction", id);
    }
  }

  #handlers = {
    message: ({ message }) => {
      if (message.from?.is_bot) this.#setAction(null);
      this.#put(message);
    },
    edited_message: ({ message }) => this.#put(message),
    deleted_message: ({ message_id: id }) => {
      this.messages.delete(id);
      this.#tell("deleted", id);
    },
    chat_action: ({ action }) => this.#setAction(action),
    callback_answer: (event) => this.#tell("answer", event),
    commands: ({ commands }) => {
      this.commands = commands;
      this.#tell("commands");
    },
    reply_keyboard: ({ reply_keyboard: keyboard }) => {
      this.replyKeyboard = keyboard;
      this.#tell("keyboard");
    },
    reaction: () => this.#tell("reacted"),
    blocked: ({ is_blocked: isBlocked }) => {
      this.isBlocked = isBlocked;
      this.#tell("blocked");
    },
  };

  #put(message) {
    const isNew = !this.messages.has(message.message_id);
    this.messages.set(message.message_id, message);
    this.#tell("message", { message, isNew });
  }

  #setAction(action) {
    clearTimeout(this.#actionTimer);
    this.action = action;
    if (action) this.#actionTimer = setTimeout(() => this.#setAction(null), ACTION_SHOWN_MS);
    this.#tell("action");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function byMessage(reactions) {
  return new Map(Object.entries(reactions).map(([id, reaction]) => [Number(id), reaction]));
}
