/** The page's own words, in English and Spanish, and how dates and sizes are written. */

const WORDS = {
  en: {
    action_choose_sticker: "choosing a sticker", action_find_location: "finding a location", action_record_video: "recording a video",
    action_record_voice: "recording a voice message", action_typing: "typing", action_upload_document: "sending a file",
    action_upload_photo: "sending a photo", action_upload_video: "sending a video", action_upload_voice: "sending a voice message",
    add: "Add", add_caption: "Add a caption…", address: "Address", as_animation: "As a GIF", as_audio: "As music", as_document: "As a file, unchanged",
    as_media: "As photos and videos", as_photo: "As a photo", as_video: "As a video", as_voice: "As a voice message", attach: "Attach", attach_contact: "Contact",
    attach_file: "File", attach_location: "Location", attach_photo: "Photo or video", block: "Block bot",
    block_question: "Block this bot? It will not be able to write to you.", bot: "bot", bot_keyboard: "Bot’s keyboard",
    button_not_supported: "This kind of button works in Telegram only.", buttons: "Buttons", cancel: "Cancel", caption: "Caption",
    chat_menu: "Chat menu", close: "Close", commands: "Commands", connection_lost: "Connection lost. Trying again…", copied: "Copied",
    copy_coordinates: "Copy coordinates", copy_text: "Copy text", delete: "Delete", delete_for_all_question: "Delete this message for everybody?",
    delete_question: "Delete this message here? The bot keeps its own, as in Telegram.",
    drop_here: "Drop pictures or files here", edit: "Edit", edited: "edited", editing: "Edit message",
    error_photo: "This can’t be sent as a photo. Perhaps as a file?", error_position: "This device did not tell its position. Choose a point on the map instead.",
    error_refused: "That did not work.", error_too_large: "This file is too large.", error_unknown: "That did not work.",
    error_unreachable: "The emulator can’t be reached. Is it still running?", examples: "Examples", first_name: "First name",
    forwarded_from: "Forwarded from",
    hidden_text: "Hidden text, show", hours: "{n} h", kind_animation: "GIF", kind_audio: "Audio", kind_contact: "Contact", kind_document: "File",
    kind_location: "Location", kind_other: "This message can be shown in Telegram only.", kind_photo: "Photo", kind_sticker: "Sticker",
    kind_video: "Video", kind_video_note: "Video message", kind_voice: "Voice message", language: "Language", last_name: "Last name", latitude: "Latitude", leave_out: "Leave out",
    link_not_supported: "This kind of link works in Telegram only.", live_location: "Live location", live_off: "No, share once",
    longitude: "Longitude", map_label: "Map. Arrow keys move it, plus and minus zoom.", message: "Message", message_actions: "Message actions",
    messages: "Messages", minutes: "{n} min", more_options: "Name the place, or share it live", my_position: "My position", new_person: "New person",
    next: "Next", not_copied: "The browser did not let this page copy.", ok: "OK", open: "Open", open_link: "Open this link?",
    open_map: "OpenStreetMap", open_photo: "Open photo", opens_new_tab: "opens a new tab", people: "People",
    people_hint: "Be somebody else, here or in another tab.", phone: "Phone number", place_name: "Name of the place", previous: "Previous", react: "React",
    reactions: "Reactions", reply: "Reply", reply_to: "Reply to", restart: "Restart bot", save_photo: "Save photo", send: "Send", send_as: "Send as",
    send_files: "Send {n} file|Send {n} files", send_location: "Send this location", sent: "sent", share_location: "Share a location", show_less: "Show less",
    show_more: "Show more", start: "START", theme_auto: "As the device", theme_dark: "Dark", theme_light: "Light", to_newest: "To the newest message",
    today: "Today", username: "Username", username_rule: "5 to 32 letters, digits or _", welcome: "Press START to begin.",
    yesterday: "Yesterday", you: "You", zoom: "Zoom", zoom_in: "Zoom in", zoom_out: "Zoom out",
  },
  es: {
    action_choose_sticker: "eligiendo un sticker", action_find_location: "buscando una ubicación", action_record_video: "grabando un vídeo",
    action_record_voice: "grabando un mensaje de voz", action_typing: "escribiendo", action_upload_document: "enviando un archivo",
    action_upload_photo: "enviando una foto", action_upload_video: "enviando un vídeo", action_upload_voice: "enviando un mensaje de voz",
    add: "Añadir", add_caption: "Añada un texto…", address: "Dirección", as_animation: "Como GIF", as_audio: "Como música", as_document: "Como archivo, sin cambios",
    as_media: "Como fotos y vídeos", as_photo: "Como foto", as_video: "Como vídeo", as_voice: "Como mensaje de voz", attach: "Adjuntar", attach_contact: "Contacto",
    attach_file: "Archivo", attach_location: "Ubicación", attach_photo: "Foto o vídeo", block: "Bloquear bot",
    block_question: "¿Bloquear este bot? No podrá escribirle.", bot: "bot", bot_keyboard: "Teclado del bot",
    button_not_supported: "Este tipo de botón solo funciona en Telegram.", buttons: "Botones", cancel: "Cancelar", caption: "Texto de la foto",
    chat_menu: "Menú del chat", close: "Cerrar", commands: "Comandos", connection_lost: "Sin conexión. Reintentando…", copied: "Copiado",
    copy_coordinates: "Copiar coordenadas", copy_text: "Copiar texto", delete: "Eliminar", delete_for_all_question: "¿Eliminar este mensaje para todos?",
    delete_question: "¿Eliminar este mensaje aquí? El bot conserva el suyo, como en Telegram.",
    drop_here: "Suelte aquí imágenes o archivos", edit: "Editar", edited: "editado", editing: "Editar mensaje",
    error_photo: "No se puede enviar como foto. ¿Quizá como archivo?", error_position: "El dispositivo no ha dado su posición. Elija un punto en el mapa.",
    error_refused: "No ha funcionado.", error_too_large: "El archivo es demasiado grande.", error_unknown: "No ha funcionado.",
    error_unreachable: "No se puede contactar con el emulador. ¿Sigue en marcha?", examples: "Ejemplos", first_name: "Nombre",
    forwarded_from: "Reenviado de",
    hidden_text: "Texto oculto, mostrar", hours: "{n} h", kind_animation: "GIF", kind_audio: "Audio", kind_contact: "Contacto", kind_document: "Archivo",
    kind_location: "Ubicación", kind_other: "Este mensaje solo se puede ver en Telegram.", kind_photo: "Foto", kind_sticker: "Sticker",
    kind_video: "Vídeo", kind_video_note: "Mensaje de vídeo", kind_voice: "Mensaje de voz", language: "Idioma", last_name: "Apellido", latitude: "Latitud", leave_out: "Quitar",
    link_not_supported: "Este tipo de enlace solo funciona en Telegram.", live_location: "Ubicación en tiempo real", live_off: "No, compartir una vez",
    longitude: "Longitud", map_label: "Mapa. Las flechas lo mueven; más y menos cambian el zoom.", message: "Mensaje", message_actions: "Acciones del mensaje",
    messages: "Mensajes", minutes: "{n} min", more_options: "Dar un nombre al lugar o compartirlo en tiempo real", my_position: "Mi posición", new_person: "Nueva persona",
    next: "Siguiente", not_copied: "El navegador no ha permitido copiar.", ok: "Aceptar", open: "Abrir", open_link: "¿Abrir este enlace?",
    open_map: "OpenStreetMap", open_photo: "Abrir foto", opens_new_tab: "se abre en otra pestaña", people: "Personas",
    people_hint: "Sea otra persona, aquí o en otra pestaña.", phone: "Teléfono", place_name: "Nombre del lugar", previous: "Anterior", react: "Reaccionar",
    reactions: "Reacciones", reply: "Responder", reply_to: "Responder a", restart: "Reiniciar bot", save_photo: "Guardar foto", send: "Enviar", send_as: "Enviar como",
    send_files: "Enviar {n} archivo|Enviar {n} archivos", send_location: "Enviar esta ubicación", sent: "enviado", share_location: "Compartir ubicación", show_less: "Mostrar menos",
    show_more: "Mostrar más", start: "INICIAR", theme_auto: "Como el dispositivo", theme_dark: "Oscuro", theme_light: "Claro", to_newest: "Al mensaje más reciente",
    today: "Hoy", username: "Nombre de usuario", username_rule: "De 5 a 32 letras, cifras o _", welcome: "Pulse INICIAR para empezar.",
    yesterday: "Ayer", you: "Usted", zoom: "Ampliar", zoom_in: "Acercar", zoom_out: "Alejar",
  },
};

/** Languages offered for a new person; the page itself speaks the first two, bots may speak any. */
export const LANGUAGES = ["en", "es", "de", "fr", "it", "pt", "pl", "ru", "tr", "ar", "hi", "ja", "zh"];

let language = "en";

/** @param {string} code an IETF language tag; anything but Spanish is answered in English */
export function setLanguage(code) {
  language = code.toLowerCase().startsWith("es") ? "es" : "en";
  document.documentElement.lang = language;
}

/**
 * A sentence of the page. "{n}" is replaced; of "one|many", n = 1 takes the first.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @param {string} [otherwise] the key to use if there is no such sentence
 */
export function t(key, values = {}, otherwise = key) {
  const words = WORDS[language];
  const forms = (words[key] ?? words[otherwise] ?? key).split("|");
  const form = values.n === 1 ? forms[0] : forms.at(-1);
  return form.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** A language's name in itself. @param {string} code */
export function languageName(code) {
  try {
    const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code;
  }
}

/** The time of day. @param {Date} date */
export function clock(date) {
  return date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false });
}

/** A key that sorts by local day. @param {Date} date */
export function dayKey(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** "Today", "Yesterday" or the date. @param {Date} date */
export function day(date) {
  const now = new Date();
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayKey(date) === dayKey(now)) return t("today");
  if (dayKey(date) === dayKey(yesterday)) return t("yesterday");
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return date.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long", ...year });
}

/** A file's size. @param {number | undefined} bytes */
export function size(bytes) {
  if (bytes === undefined) return "";
  const [value, unit] = bytes < 1000 ? [bytes, "byte"] : bytes < 1_000_000 ? [bytes / 1000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  const unitDisplay = unit === "byte" ? "long" : "short";
  return value.toLocaleString(language, { style: "unit", unit, unitDisplay, maximumFractionDigits: value < 10 ? 1 : 0 });
}
