BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE aliases (
	user_id BIGINT NOT NULL, 
	alias VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_aliases PRIMARY KEY (user_id), 
	CONSTRAINT uq_aliases_alias UNIQUE (alias)
);
INSERT INTO "aliases" VALUES(500000003,'955E7026');
INSERT INTO "aliases" VALUES(600000001,'FC37197E');
INSERT INTO "aliases" VALUES(500000001,'64EF3C91');
INSERT INTO "aliases" VALUES(500000004,'461BEFAA');
CREATE TABLE audit (
	entry_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(16) NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	subject VARCHAR(16), 
	details TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (entry_id)
);
INSERT INTO "audit" VALUES(1,'2026-11-23 12:00:00.000000','FC37197E','grant','955E7026','');
INSERT INTO "audit" VALUES(2,'2026-11-23 12:00:00.000000','955E7026','inbox','64EF3C91','');
INSERT INTO "audit" VALUES(3,'2026-11-23 12:00:00.000000','955E7026','ban','461BEFAA','until=2036');
INSERT INTO "audit" VALUES(4,'2026-11-23 12:00:00.000000','955E7026','broadcast',NULL,'language=*, people=2');
INSERT INTO "audit" VALUES(5,'2026-11-23 12:00:00.000000','955E7026','directory',NULL,'');
INSERT INTO "audit" VALUES(6,'2026-11-23 12:00:00.000000','955E7026','maintenance',NULL,'');
CREATE TABLE bans (
	fingerprint VARCHAR(64) NOT NULL, 
	reason TEXT NOT NULL, 
	banned_at DATETIME NOT NULL, 
	until DATETIME, 
	CONSTRAINT pk_bans PRIMARY KEY (fingerprint)
);
INSERT INTO "bans" VALUES('8f0d24865a18f5a9aa98a3ad875d67109a8f5c2f73c2195c943936422120bce9','rude; in two
lines','2026-11-23 12:00:00.000000','2036-11-20 12:00:00.000000');
CREATE TABLE broadcasts (
	broadcast_id INTEGER NOT NULL, 
	chat_id BIGINT NOT NULL, 
	progress_message_id BIGINT, 
	text TEXT NOT NULL, 
	entities JSON NOT NULL, 
	photo_file_id VARCHAR(256), 
	language VARCHAR(8), 
	report_language VARCHAR(8) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_broadcasts PRIMARY KEY (broadcast_id)
);
INSERT INTO "broadcasts" VALUES(1,500000003,60,'News','[{"type": "bold", "offset": 0, "length": 4}]','photo',NULL,'en','sending','2026-11-23 12:00:00.000000',NULL);
CREATE TABLE "cases" (
	case_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	chat_id BIGINT NOT NULL, 
	user_id BIGINT NOT NULL, 
	message_id BIGINT NOT NULL, 
	file_id VARCHAR(256), 
	progress_message_id BIGINT, 
	outcome VARCHAR(32), 
	received_at DATETIME NOT NULL, 
	closed_at DATETIME, 
	top_class VARCHAR(8), 
	risk_level VARCHAR(16), 
	probabilities JSON, 
	model_sha256 VARCHAR(64), 
	CONSTRAINT uq_cases_chat_id_message_id UNIQUE (chat_id, message_id)
);
INSERT INTO "cases" VALUES(1,500000001,500000001,11,NULL,12,'assessed','2026-11-23 12:00:00.000000','2026-11-23 12:00:03.000000','nv','routine','{"akiec": 0.01, "bcc": 0.02, "bkl": 0.1, "df": 0.02, "mel": 0.125, "nv": 0.7, "vasc": 0.025}','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO "cases" VALUES(2,500000001,500000001,13,NULL,14,'blurred','2026-11-23 12:00:00.000000','2026-11-23 12:00:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "cases" VALUES(3,500000001,500000001,15,'file-3',16,NULL,'2026-11-23 13:00:00.000000',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "cases" VALUES(4,500000003,500000003,17,'file-4',NULL,NULL,'2026-11-23 13:00:00.000000',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE conversations (
	name VARCHAR(64) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	state INTEGER NOT NULL, 
	CONSTRAINT pk_conversations PRIMARY KEY (name, "key")
);
INSERT INTO "conversations" VALUES('dialogue','[500000002, 500000002]',2);
CREATE TABLE deliveries (
	broadcast_id INTEGER NOT NULL, 
	user_id BIGINT NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	after_message_id BIGINT, 
	CONSTRAINT pk_deliveries PRIMARY KEY (broadcast_id, user_id), 
	CONSTRAINT fk_deliveries_broadcast_id FOREIGN KEY(broadcast_id) REFERENCES broadcasts (broadcast_id) ON DELETE CASCADE
);
INSERT INTO "deliveries" VALUES(1,500000001,'sending',70);
INSERT INTO "deliveries" VALUES(1,500000003,'waiting',NULL);
CREATE TABLE directory_changes (
	"key" VARCHAR(32) NOT NULL, 
	entry JSON, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_directory_changes PRIMARY KEY ("key")
);
INSERT INTO "directory_changes" VALUES('key1','{"name": "Dr. Gr\u00fcn", "latitude": 47.8, "longitude": 13.0}','2026-11-23 12:00:00.000000');
INSERT INTO "directory_changes" VALUES('key2',NULL,'2026-11-23 12:00:00.000000');
CREATE TABLE drafts (
	user_id BIGINT NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_drafts PRIMARY KEY (user_id)
);
INSERT INTO "drafts" VALUES(500000003,'{"step": "text", "text": "half written"}');
CREATE TABLE erasures (
	receipt VARCHAR(40) NOT NULL, 
	erased_on DATE NOT NULL, 
	counts JSON NOT NULL, 
	CONSTRAINT pk_erasures PRIMARY KEY (receipt)
);
INSERT INTO "erasures" VALUES('193F-5244-0179-2A7C-09D6','2026-11-23','{"patients": 1, "cases": 0, "feedback": 0, "deliveries": 0, "drafts": 0, "conversations": 0}');
CREATE TABLE facts (
	name VARCHAR(32) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('fingerprint_key','09d2bc7ced904c391fa70527eafd14e7efd16ed0bb28ef56611c9d0e2ec07179');
INSERT INTO "facts" VALUES('maintenance','wait 2026-11-23T12:00:00+00:00');
CREATE TABLE feedback (
	feedback_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	user_id BIGINT NOT NULL, 
	text TEXT NOT NULL, 
	sent_at DATETIME NOT NULL, 
	answer TEXT, 
	answered_at DATETIME
);
INSERT INTO "feedback" VALUES(1,500000001,'Thank you: “well done” — 100 %','2026-11-23 12:00:00.000000','You''re welcome','2026-11-23 12:00:00.000000');
INSERT INTO "feedback" VALUES(2,500000004,'¿Cuándo?','2026-11-23 12:00:00.000000',NULL,NULL);
CREATE TABLE feedback_copies (
	chat_id BIGINT NOT NULL, 
	message_id BIGINT NOT NULL, 
	feedback_id INTEGER NOT NULL, 
	CONSTRAINT pk_feedback_copies PRIMARY KEY (chat_id, message_id), 
	CONSTRAINT fk_feedback_copies_feedback_id FOREIGN KEY(feedback_id) REFERENCES feedback (feedback_id) ON DELETE CASCADE
);
INSERT INTO "feedback_copies" VALUES(500000003,51,1);
INSERT INTO "feedback_copies" VALUES(500000003,52,2);
CREATE TABLE inbox (
	update_id BIGINT NOT NULL, 
	lane BIGINT NOT NULL, 
	payload TEXT, 
	retries INTEGER NOT NULL, 
	received_at DATETIME NOT NULL, 
	handled_at DATETIME, 
	CONSTRAINT pk_inbox PRIMARY KEY (update_id)
);
INSERT INTO "inbox" VALUES(900,0,NULL,0,'2026-11-23 12:00:00.000000','2026-11-23 12:00:00.000000');
INSERT INTO "inbox" VALUES(901,500000002,'{"update_id": 901, "message": {"text": "/help"}}',1,'2026-11-23 12:00:00.000000',NULL);
CREATE TABLE incidents (
	incident_id VARCHAR(8) NOT NULL, 
	happened_at DATETIME NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	frames JSON NOT NULL, 
	CONSTRAINT pk_incidents PRIMARY KEY (incident_id)
);
INSERT INTO "incidents" VALUES('AB5451','2026-11-23 12:00:00.000000','ValueError','[["fill.py", 58, "main"]]');
CREATE TABLE moderators (
	user_id BIGINT NOT NULL, 
	granted_at DATETIME NOT NULL, 
	CONSTRAINT pk_moderators PRIMARY KEY (user_id)
);
INSERT INTO "moderators" VALUES(500000003,'2026-11-23 12:00:00.000000');
CREATE TABLE patients (
	user_id BIGINT NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	consent_version VARCHAR(32), 
	consented_at DATETIME, 
	is_adult BOOLEAN, 
	first_name VARCHAR(64), 
	skin_type SMALLINT, 
	registered_at DATETIME, 
	created_at DATETIME NOT NULL, username VARCHAR(32), invited_by VARCHAR(32), blocked_at DATETIME, 
	CONSTRAINT pk_patients PRIMARY KEY (user_id)
);
INSERT INTO "patients" VALUES(500000001,'en','2026-11-24','2026-11-23 12:00:00.000000',1,'Zoë O''Neill',1,'2026-11-23 12:00:00.000000','2026-11-23 12:00:00.000000','ana_m','salzburg',NULL);
INSERT INTO "patients" VALUES(500000002,'es',NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-23 12:01:00.000000',NULL,NULL,NULL);
INSERT INTO "patients" VALUES(500000003,'en','2026-11-24','2026-11-23 12:02:00.000000',1,'M. 😀',3,'2026-11-23 12:02:00.000000','2026-11-23 12:02:00.000000',NULL,NULL,NULL);
INSERT INTO "patients" VALUES(500000004,'es','2026-11-24','2026-11-23 12:03:00.000000',1,'M. 😀',4,'2026-11-23 12:03:00.000000','2026-11-23 12:03:00.000000',NULL,NULL,NULL);
CREATE INDEX ix_inbox_handled_at ON inbox (handled_at);
CREATE INDEX ix_cases_outcome ON cases (outcome);
CREATE INDEX ix_patients_username ON patients (username);
CREATE INDEX ix_cases_user_id ON cases (user_id);
CREATE INDEX ix_cases_received_at ON cases (received_at);
CREATE INDEX ix_feedback_user_id ON feedback (user_id);
CREATE INDEX ix_feedback_copies_feedback_id ON feedback_copies (feedback_id);
CREATE INDEX ix_audit_actor ON audit (actor);
CREATE INDEX ix_audit_subject ON audit (subject);
CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_refuses_insert BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE entry_id = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE INDEX ix_deliveries_user_id ON deliveries (user_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('cases',4);
INSERT INTO "sqlite_sequence" VALUES('feedback',2);
COMMIT;
