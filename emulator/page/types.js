/**
 * The Bot API's objects as far as this page shows them, for the JSDoc types of the other modules.
 *
 * @typedef {{id: number, is_bot?: boolean, first_name: string, last_name?: string, username?: string, language_code?: string}} User
 * @typedef {{id: number, type: string, title?: string, first_name?: string}} Chat
 * @typedef {{type: string, offset: number, length: number, url?: string, language?: string, user?: User}} Entity
 * @typedef {{file_id: string, width: number, height: number}} PhotoSize
 * @typedef {{file_id: string, file_name?: string, mime_type?: string, file_size?: number, duration?: number,
 *   width?: number, height?: number, emoji?: string, thumbnail?: PhotoSize}} Attachment
 * @typedef {{latitude: number, longitude: number, live_period?: number}} Location
 * @typedef {{text: string, url?: string, callback_data?: string, copy_text?: {text: string}, style?: string}} InlineButton
 * @typedef {{text: string, request_location?: boolean, request_contact?: boolean, style?: string}} ReplyButton
 * @typedef {{keyboard: (ReplyButton | string)[][], resize_keyboard?: boolean, one_time_keyboard?: boolean,
 *   is_persistent?: boolean, input_field_placeholder?: string}} ReplyKeyboard
 * @typedef {{type: string, emoji?: string}} Reaction
 * @typedef {{command: string, description: string}} Command
 * @typedef {{message_id: number, from?: User, date: number, edit_date?: number, chat: Chat, text?: string,
 *   entities?: Entity[], caption?: string, caption_entities?: Entity[], photo?: PhotoSize[], document?: Attachment,
 *   video?: Attachment, video_note?: Attachment, animation?: Attachment, audio?: Attachment, voice?: Attachment, sticker?: Attachment,
 *   location?: Location, venue?: {location: Location, title: string, address: string},
 *   contact?: {phone_number: string, first_name: string, last_name?: string}, media_group_id?: string,
 *   has_media_spoiler?: boolean, show_caption_above_media?: boolean, reply_to_message?: Message,
 *   forward_origin?: {type: string, sender_user?: User, sender_user_name?: string, sender_chat?: Chat, chat?: Chat},
 *   reply_markup?: {inline_keyboard?: InlineButton[][]}}} Message
 * @typedef {{seq: number, bot: User, messages: Message[], commands: Command[], reply_keyboard: ReplyKeyboard | null,
 *   action: string | null, is_blocked: boolean, reactions?: Record<string, Reaction[]>}} Snapshot
 * @typedef {{seq: number, type: string, chat_id: number, message?: Message, message_id?: number, action?: string,
 *   commands?: Command[], is_blocked?: boolean, reaction?: Reaction[], callback_query_id?: string, text?: string,
 *   show_alert?: boolean, url?: string}} ChatEvent
 */
export {};
