/** What a person can do, said to the emulator's control API. */

/** A refusal or a failure. `status` is 0 when the emulator could not be reached; `message` is its sentence, if it gave one. */
export class ControlError extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(`/control${path}`, options);
  } catch {
    throw new ControlError(0, "");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ControlError(response.status, body.error ?? "");
  return body;
}

function post(path, body) {
  return request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** Everybody there is. @returns {Promise<{users: import("./types.js").User[], bot: import("./types.js").User}>} */
export function users() {
  return request("/users");
}

/** @param {Partial<import("./types.js").User>} profile @returns {Promise<import("./types.js").User>} */
export function addUser(profile) {
  return post("/users", profile);
}

/**
 * Everything one person can do in one chat with the bot.
 *
 * @param {number} userId
 * @param {number} [groupId] a group's id; without it, the private chat
 */
export function asUser(userId, groupId) {
  const base = `/users/${userId}`;
  const where = groupId ? { chat_id: groupId } : {};
  const query = groupId ? `?chat_id=${groupId}` : "";
  return {
    /** @returns {Promise<import("./types.js").Snapshot>} */
    chat: () => request(`${base}/chat${query}`),
    /** @param {object} message one of text, location, venue, contact; perhaps reply_to_message_id */
    send: (message) => post(`${base}/messages`, { ...message, ...where }),
    /** @param {string[]} kinds of each file: photo, document, video… @param {File[]} files @param {string} caption */
    sendFiles: (kinds, files, caption) => {
      const form = new FormData();
      for (const kind of kinds) form.append("kind", kind);
      if (groupId) form.append("chat_id", String(groupId));
      if (caption) form.append("caption", caption);
      for (const file of files) form.append("file", file, file.name || "picture.png");
      return request(`${base}/files`, { method: "POST", body: form });
    },
    press: (messageId, data) => post(`${base}/press`, { message_id: messageId, callback_data: data, ...where }),
    /** @param {number} messageId @param {{text: string} | {caption: string}} changes */
    edit: (messageId, changes) => post(`${base}/edit`, { message_id: messageId, ...changes, ...where }),
    /** In a private chat only on the person's own side, as Telegram's apps do where they talk to a bot. */
    remove: (messageId) => post(`${base}/delete`, { message_id: messageId, is_one_sided: !groupId, ...where }),
    react: (messageId, emoji) => post(`${base}/react`, { message_id: messageId, emoji, ...where }),
    block: () => post(`${base}/block`, { is_blocked: true }),
    streamUrl: (after) => `/control${base}/stream?after=${after}`,
  };
}

/** Where a file's bytes are. @param {string} fileId */
export function fileUrl(fileId) {
  return `/control/files/${encodeURIComponent(fileId)}`;
}
