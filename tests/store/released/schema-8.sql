BEGIN TRANSACTION;
CREATE TABLE accesses (
	position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	episode_key INTEGER, 
	state BLOB NOT NULL, 
	hash BLOB NOT NULL
);
INSERT INTO "accesses" VALUES(1,1772623800000000,'anna',1,X'7B226174223A22323032362D30332D30345431313A33303A30305A222C226163746F72223A22616E6E61222C22636F6D6D616E64223A2273686F77222C22657069736F6465223A2236353133323730652D323639652D346433372D623261372D346465343532653662343338227D',X'7A4801255AE0D41401551B2D38FBC29EDB79256B6E4DD61A9DC8A962B424E3C8');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE alerts (
	episode_key INTEGER NOT NULL, 
	id VARCHAR(200) NOT NULL, 
	rule TEXT NOT NULL, 
	severity VARCHAR(20) NOT NULL, 
	since BIGINT NOT NULL, 
	acknowledged_by TEXT, 
	PRIMARY KEY (episode_key, id)
)
 WITHOUT ROWID

;
CREATE TABLE copies (
	begun_at BIGINT NOT NULL, 
	source TEXT NOT NULL, 
	finished_at BIGINT, 
	PRIMARY KEY (begun_at)
);
CREATE TABLE counters (
	name VARCHAR(200) NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID

;
INSERT INTO "counters" VALUES('alert/protocol-clock-missing',1);
INSERT INTO "counters" VALUES('cohort/intervention',1);
INSERT INTO "counters" VALUES('cohort/patch',1);
INSERT INTO "counters" VALUES('episodes',2);
INSERT INTO "counters" VALUES('leak/unknown',2);
INSERT INTO "counters" VALUES('protocol/csf-leak-post-spine-surgery@1',2);
INSERT INTO "counters" VALUES('reminder/activity-restrictions/scheduled',1);
INSERT INTO "counters" VALUES('reminder/conservative-start/done-late',1);
INSERT INTO "counters" VALUES('reminder/early-review/scheduled',1);
INSERT INTO "counters" VALUES('reminder/intermediate-review/scheduled',1);
INSERT INTO "counters" VALUES('reminder/late-review/scheduled',1);
INSERT INTO "counters" VALUES('reminder/observation-end/open',1);
INSERT INTO "counters" VALUES('reminder/wound-examination/overdue',1);
INSERT INTO "counters" VALUES('stage/at-risk',1);
INSERT INTO "counters" VALUES('stage/post-patch',1);
CREATE TABLE digests (
	coordinator VARCHAR(200) NOT NULL, 
	made_for BIGINT NOT NULL, 
	PRIMARY KEY (coordinator)
);
CREATE TABLE encryption (
	version INTEGER NOT NULL, 
	since BIGINT NOT NULL, 
	PRIMARY KEY (version)
);
CREATE TABLE episode_index (
	episode_key INTEGER NOT NULL, 
	uuid VARCHAR(32) NOT NULL, 
	short_id TEXT, 
	reference TEXT, 
	patient TEXT, sealed BLOB, 
	PRIMARY KEY (episode_key)
);
INSERT INTO "episode_index" VALUES(1,'6513270e269e4d37b2a74de452e6b438','E-JJEG5','case-1','MRN-4711',NULL);
INSERT INTO "episode_index" VALUES(2,'9531985d5d9d49f89818e811892f902b','E-GS0G5','Ünäl-2','MRN-0815',NULL);
CREATE TABLE episodes (
	"key" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	uuid VARCHAR(32) NOT NULL, 
	UNIQUE (uuid)
);
INSERT INTO "episodes" VALUES(1,'6513270e269e4d37b2a74de452e6b438');
INSERT INTO "episodes" VALUES(2,'9531985d5d9d49f89818e811892f902b');
CREATE TABLE events (
	position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	episode_key INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	topic TEXT NOT NULL, 
	state BLOB NOT NULL, 
	hash BLOB NOT NULL, 
	CONSTRAINT uq_events_episode_key_version UNIQUE (episode_key, version), 
	FOREIGN KEY(episode_key) REFERENCES episodes ("key")
);
INSERT INTO "events" VALUES(1,1,1,'episode-opened',X'7B226964223A226F70656E6564222C226F636375727265645F6174223A22323032362D30332D30315430393A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30315430393A30303A30305A222C226163746F72223A22616E6E61222C22736F75726365223A22636C69222C22736368656D61223A312C2264617461223A7B2270617469656E74223A224D524E2D34373131222C227265666572656E6365223A22636173652D31222C2273686F72745F6964223A22452D4A4A454735222C2274696D655F7A6F6E65223A224575726F70652F4265726C696E222C22636F6F7264696E61746F72223A22616E6E61222C2270726F746F636F6C223A226373662D6C65616B2D706F73742D7370696E652D737572676572794031227D7D',X'1B138BEB2B874C5D4AA8FC3481C024380CB7378953056F649F2DEB83FC42AC6C');
INSERT INTO "events" VALUES(2,1,2,'surgery-performed',X'7B226964223A226F70222C226F636375727265645F6174223A22323032362D30332D30315430383A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30315431303A30303A30305A222C226163746F72223A22616E6E61222C22736F75726365223A22636C69222C22736368656D61223A312C2264617461223A7B226C6576656C223A224C342D4C35227D7D',X'236B4E56D863904CEDCACE8131662FA04348E51A99B3A4AE5BF58C22CA3BB6F7');
INSERT INTO "events" VALUES(3,1,3,'headache-assessed',X'7B226964223A2268656164222C226F636375727265645F6174223A22323032362D30332D30325430393A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30325430393A30303A30305A222C226163746F72223A22616E6E61222C22736F75726365223A22636C69222C22736368656D61223A312C2264617461223A7B22706F7374757265223A226F7274686F737461746963227D7D',X'EFB59C88545C1A6D3B28B122E452AB41133682EB10374A4E287D02F1A99354CF');
INSERT INTO "events" VALUES(4,1,4,'blood-patch-performed',X'7B226964223A227061746368222C226F636375727265645F6174223A22323032362D30332D30345430393A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30345430393A30303A30305A222C226163746F72223A22616E6E61222C22736F75726365223A22636C69222C22736368656D61223A312C2264617461223A7B22766F6C756D655F6D6C223A31382E307D7D',X'C0EE80F4491BB5EBA05C65ECD062CF12B545EBF1EDC59F4D3CBD30EDA74A2D55');
INSERT INTO "events" VALUES(5,1,5,'event-corrected',X'7B226964223A2264323366303832342D313238622D346633332D386335632D376664306136613361343530222C226F636375727265645F6174223A22323032362D30332D30345430393A33303A30305A222C227265636F726465645F6174223A22323032362D30332D30345430393A33303A30305A222C226163746F72223A22616E6E61222C22736F75726365223A22636C69222C22736368656D61223A312C2264617461223A7B22746172676574223A227061746368222C226368616E676573223A7B22766F6C756D655F6D6C223A32302E307D2C22726561736F6E223A227265616420616761696E227D7D',X'84F4FD4DEB819F6B4F64132FA81A5F55F959CCC5C903C0687239B18818DC806F');
INSERT INTO "events" VALUES(6,2,1,'episode-opened',X'7B226964223A226F70656E65642D32222C226F636375727265645F6174223A22323032362D30332D30345431303A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30345431303A30303A30305A222C226163746F72223A22616E6E61222C22736F75726365223A22636C69222C22736368656D61223A312C2264617461223A7B2270617469656E74223A224D524E2D30383135222C227265666572656E6365223A22C39C6EC3A46C2D32222C2273686F72745F6964223A22452D4753304735222C2274696D655F7A6F6E65223A22555443222C2270726F746F636F6C223A226373662D6C65616B2D706F73742D7370696E652D737572676572794031227D7D',X'A961DD22AF7CABA7559AB744C31EA5F11ADA57F0103D72FE1231C8D3E88E479A');
INSERT INTO "events" VALUES(7,1,6,'reminder-issued',X'7B226964223A2265316562333539652D303362642D353361662D613331342D613730346430363335376165222C226F636375727265645F6174223A22323032362D30332D30345431313A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30345431313A30303A30305A222C226163746F72223A227363686564756C6572222C22736F75726365223A227363686564756C6572222C22736368656D61223A312C2264617461223A7B2272656D696E646572223A22776F756E642D6578616D696E6174696F6E3A68656164222C226B696E64223A22776F756E642D6578616D696E6174696F6E222C227068617365223A226F766572647565222C2277696E646F77223A22323032362D30332D30325430393A30303A30305A2F323032362D30332D30335430393A30303A30305A222C22726561736F6E223A227374616E647320666F72206F70656E20746F6F227D7D',X'9EF501399C19E5260EB28A9A2F8688A96F59B7D362C2253F121176DB9917A033');
INSERT INTO "events" VALUES(8,1,7,'reminder-issued',X'7B226964223A2264623662306334372D326565362D353631642D613263342D326165346664313034303637222C226F636375727265645F6174223A22323032362D30332D30345431313A30303A30305A222C227265636F726465645F6174223A22323032362D30332D30345431313A30303A30305A222C226163746F72223A227363686564756C6572222C22736F75726365223A227363686564756C6572222C22736368656D61223A312C2264617461223A7B2272656D696E646572223A226F62736572766174696F6E2D656E643A7061746368222C226B696E64223A226F62736572766174696F6E2D656E64222C227068617365223A226F70656E222C2277696E646F77223A22323032362D30332D30345431313A30303A30305A2F323032362D30332D30355430393A30303A30305A227D7D',X'82673CC29F44FABE805C7EAC4A7B8544D83A83CC9983378F573D182CB5415512');
CREATE TABLE heartbeats (
	scheduler VARCHAR(200) NOT NULL, 
	last_tick BIGINT NOT NULL, 
	issued INTEGER NOT NULL, 
	skipped INTEGER NOT NULL, every_seconds INTEGER, ended_at BIGINT, away_from BIGINT, away_until BIGINT, still_due INTEGER, delivered_at BIGINT, sent INTEGER, failed INTEGER, 
	PRIMARY KEY (scheduler)
);
INSERT INTO "heartbeats" VALUES('vm',1772622000000000,2,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE outbox (
	id VARCHAR(36) NOT NULL, 
	event VARCHAR(200), 
	episode_key BIGINT, 
	reminder TEXT, 
	level INTEGER NOT NULL, 
	coordinator TEXT, 
	site TEXT, 
	channel VARCHAR(64) NOT NULL, 
	recipient TEXT, 
	priority INTEGER NOT NULL, 
	form VARCHAR(20) NOT NULL, 
	content BLOB NOT NULL, 
	bundled BOOLEAN NOT NULL, 
	message VARCHAR(36), 
	due_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	not_before BIGINT NOT NULL, 
	next_attempt_at BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	claimed_by VARCHAR(300), 
	claimed_until BIGINT, 
	state VARCHAR(20) NOT NULL, 
	ended_at BIGINT, 
	ended_by VARCHAR(300), 
	reason TEXT, 
	last_error TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES('2c093b78-8725-5273-b37f-ab4bf092a5b7','e1eb359e-03bd-53af-a314-a704d06357ae',1,'wound-examination:head',0,'anna',NULL,'console',NULL,1,'notice',X'7B226964223A2265316562333539652D303362642D353361662D613331342D613730346430363335376165222C22657069736F6465223A22452D4A4A454735222C226B696E64223A22776F756E642D6578616D696E6174696F6E222C227068617365223A226F766572647565222C2274657874223A224578616D696E652074686520737572676963616C207369746520666F7220636F6C6C656374696F6E2C2062756C67696E6720616E6420636C65617220647261696E616765222C226F70656E735F6174223A22323032362D30332D30325430393A30303A30305A222C226475655F6174223A22323032362D30332D30335430393A30303A30305A222C2274696D655F7A6F6E65223A224575726F70652F4265726C696E222C22736F75726365223A224C3239205B345D222C22636F6D6D616E64223A22747261636B6572207265636F726420776F756E642D6578616D696E656420452D4A4A454735202E2E2E222C226973737565645F6174223A22323032362D30332D30345431313A30303A30305A222C22746F223A6E756C6C7D',0,NULL,1772528400000000,1772622000000000,1772622000000000,1772622000000000,1,NULL,NULL,'delivered',1772622000000000,'vm/323b7d0f929446e5',NULL,NULL);
INSERT INTO "outbox" VALUES('4a45ff94-9b4a-5c2c-9c28-e5ce1e00f28a','e1eb359e-03bd-53af-a314-a704d06357ae',1,'wound-examination:head',0,'anna',NULL,'file',NULL,1,'notice',X'7B226964223A2265316562333539652D303362642D353361662D613331342D613730346430363335376165222C22657069736F6465223A22452D4A4A454735222C226B696E64223A22776F756E642D6578616D696E6174696F6E222C227068617365223A226F766572647565222C2274657874223A224578616D696E652074686520737572676963616C207369746520666F7220636F6C6C656374696F6E2C2062756C67696E6720616E6420636C65617220647261696E616765222C226F70656E735F6174223A22323032362D30332D30325430393A30303A30305A222C226475655F6174223A22323032362D30332D30335430393A30303A30305A222C2274696D655F7A6F6E65223A224575726F70652F4265726C696E222C22736F75726365223A224C3239205B345D222C22636F6D6D616E64223A22747261636B6572207265636F726420776F756E642D6578616D696E656420452D4A4A454735202E2E2E222C226973737565645F6174223A22323032362D30332D30345431313A30303A30305A222C22746F223A6E756C6C7D',0,NULL,1772528400000000,1772622000000000,1772622000000000,1772622000000000,1,NULL,NULL,'delivered',1772622000000000,'vm/323b7d0f929446e5',NULL,NULL);
INSERT INTO "outbox" VALUES('903faffa-f08f-525f-aee9-2a525b52f878','db6b0c47-2ee6-561d-a2c4-2ae4fd104067',1,'observation-end:patch',0,'anna',NULL,'console',NULL,1,'notice',X'7B226964223A2264623662306334372D326565362D353631642D613263342D326165346664313034303637222C22657069736F6465223A22452D4A4A454735222C226B696E64223A226F62736572766174696F6E2D656E64222C227068617365223A226F70656E222C2274657874223A22456E6420746865206F62736572766174696F6E20616674657220746865207061746368222C226F70656E735F6174223A22323032362D30332D30345431313A30303A30305A222C226475655F6174223A22323032362D30332D30355430393A30303A30305A222C2274696D655F7A6F6E65223A224575726F70652F4265726C696E222C22736F75726365223A224C3533205B355D222C22636F6D6D616E64223A22747261636B6572207265636F72642070617469656E742D6D6F62696C697A656420452D4A4A454735222C226973737565645F6174223A22323032362D30332D30345431313A30303A30305A222C22746F223A6E756C6C7D',0,NULL,1772701200000000,1772622000000000,1772622000000000,1772622000000000,1,NULL,NULL,'delivered',1772622000000000,'vm/323b7d0f929446e5',NULL,NULL);
INSERT INTO "outbox" VALUES('3151f053-eb83-5417-a9af-e2d36aac43eb','db6b0c47-2ee6-561d-a2c4-2ae4fd104067',1,'observation-end:patch',0,'anna',NULL,'file',NULL,1,'notice',X'7B226964223A2264623662306334372D326565362D353631642D613263342D326165346664313034303637222C22657069736F6465223A22452D4A4A454735222C226B696E64223A226F62736572766174696F6E2D656E64222C227068617365223A226F70656E222C2274657874223A22456E6420746865206F62736572766174696F6E20616674657220746865207061746368222C226F70656E735F6174223A22323032362D30332D30345431313A30303A30305A222C226475655F6174223A22323032362D30332D30355430393A30303A30305A222C2274696D655F7A6F6E65223A224575726F70652F4265726C696E222C22736F75726365223A224C3533205B355D222C22636F6D6D616E64223A22747261636B6572207265636F72642070617469656E742D6D6F62696C697A656420452D4A4A454735222C226973737565645F6174223A22323032362D30332D30345431313A30303A30305A222C22746F223A6E756C6C7D',0,NULL,1772701200000000,1772622000000000,1772622000000000,1772622000000000,1,NULL,NULL,'delivered',1772622000000000,'vm/323b7d0f929446e5',NULL,NULL);
CREATE TABLE outbox_retries (
	outbox_id VARCHAR(36) NOT NULL, 
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	"by" VARCHAR(300) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	ended_at BIGINT, 
	ended_by VARCHAR(300), 
	reason TEXT, 
	attempts INTEGER NOT NULL, 
	last_error TEXT, 
	PRIMARY KEY (outbox_id, number)
);
CREATE TABLE parked (
	episode_key INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	parked_at BIGINT NOT NULL, 
	PRIMARY KEY (episode_key)
);
CREATE TABLE projection_state (
	version INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "projection_state" VALUES(1,8);
CREATE TABLE protocols (
	name VARCHAR(100) NOT NULL, 
	text TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	added_at BIGINT NOT NULL, 
	actor TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "protocols" VALUES('csf-leak-post-spine-surgery@1','# The protocol: every window, threshold, severity, wording and citation.
# "L44 [2]" is line 44 of the guideline, citation 2 in it. A site changes any of it in a new
# version that names this one as its base; published versions never change.

id = "csf-leak-post-spine-surgery"
version = "1"
title = "Suspected CSF leak and headache after spine surgery"

[settings]
patch_earliest_hours = 48                       # L49, L129 [2]
patch_decision_hours = 72                       # L44, L127 [2]
patch_decision_grace_hours = 0
patch_volume_min_ml = 15.0                      # L51 [1,2]
patch_volume_max_ml = 20.0
early_review_opens_hours = 24                   # L121 [1,2]
early_review_due_hours = 48
intermediate_review_opens_days = 10             # L122 [2]
intermediate_review_due_days = 14
late_review_opens_months = 3                    # L123 [2]
late_review_due_months = 6
restrictions_opens_days = 28                    # L136 [5]
restrictions_due_days = 42
observation_min_hours = 2                       # L53 [5]
observation_max_hours = 24
bed_rest_min_hours = 24                         # L36 [2]
bed_rest_max_hours = 72
wound_examination_due_hours = 24                # L29 [4]
thromboprophylaxis_due_hours = 24               # L40 [1,5]
severe_pain_nrs = 7.0                           # L38 [1,2]
fever_c = 38.0                                  # L114 [7]
duplicate_hours = 2
failed_patch_hours = 24                         # L58, L77
rebound_from_hours = 24                         # L92, L98 [3,1]
rebound_until_hours = 48
imaging_window_hours = 72                       # L130 [3]
imaging_window_anchor = "conservative-start"    # or "procedure": from the latest dural breach
csf_drainage_is_intervention = false
early_patch_order = "warn"                      # or "block": refuses the order, never a patch done

# When nobody acknowledges an overdue reminder: who is told, and how long after it was said.
escalation = [
    { after_hours = 24, to = "deputy coordinator" },
    { after_hours = 72, to = "site lead" },
]

[settings.drug_classes]                         # names that tell the class when none is given
acetaminophen = "acetaminophen"
paracetamol = "acetaminophen"
acetazolamide = "carbonic-anhydrase-inhibitor"
methazolamide = "carbonic-anhydrase-inhibitor"
dichlorphenamide = "carbonic-anhydrase-inhibitor"
caffeine = "caffeine"
ibuprofen = "nsaid"
ketorolac = "nsaid"
naproxen = "nsaid"
diclofenac = "nsaid"
morphine = "opioid"
oxycodone = "opioid"
hydromorphone = "opioid"
fentanyl = "opioid"
tramadol = "opioid"
codeine = "opioid"
labetalol = "antihypertensive"
amlodipine = "antihypertensive"
nicardipine = "antihypertensive"
hydralazine = "antihypertensive"
enoxaparin = "anticoagulant"
heparin = "anticoagulant"

# ---------------------------------------------------------------------------------- stages

[stages.at-risk]
title = "At risk"
text = "Watch for headache, wound drainage and neurological signs"
source = "L24-L29"
owner = "treating team"

[stages.assessment]
title = "Suspected leak: assessment"
text = "Determine the headache pattern, examine the wound, start conservative management"
source = "L24-L33"
owner = "treating team"

[stages.conservative]
title = "Conservative management"
text = "Continue conservative management and reassess; decide on a blood patch at {patch_decision_hours} h"
source = "L31-L40, L44 [2]"
owner = "treating team"

[stages.patch-due]
title = "Blood patch due"
text = "Decide on an epidural blood patch now: symptoms persist after {patch_decision_hours} h of conservative care"
source = "L44, L127 [2]"
owner = "treating team"

[stages.post-patch]
title = "After the patch"
text = "Supine or Trendelenburg {observation_min_hours}-{observation_max_hours} h with monitoring; reassess headache and posture at {early_review_opens_hours}-{early_review_due_hours} h"
source = "L53 [5], L121 [1,2]"
owner = "treating team"

[stages.post-intervention]
title = "After the intervention"
text = "Monitor; reassess headache and posture at {early_review_opens_hours}-{early_review_due_hours} h"
source = "L82-L88, L121 [1,2]"
owner = "treating team"

[stages.follow-up]
title = "Follow-up"
text = "Keep the restrictions and the outstanding reviews; reassess if headache returns"
source = "L117-L123, L134-L140"
owner = "care coordinator"

[stages.persistent]
title = "Persistent after the first intervention"
text = "Order MRI brain with contrast and MRI complete spine; consider a guided repeat patch"
source = "L58 [2,6], L64-L71 [1]"
owner = "treating team"

[stages.referral]
title = "Persistent after a repeat intervention"
text = "Refer to a specialist neuroscience center"
source = "L77 [1]"
owner = "treating team"

[stages.rebound]
title = "Rebound headache"
text = "Conservative management only; acetazolamide may help; no further patch; reassess daily"
source = "L90-L106 [3,1]"
owner = "treating team"

[stages.transferred]
title = "Transferred"
text = "Care is elsewhere; reminders wait for readmission"
source = "L119 [2]"
owner = "receiving team"

[stages.lost]
title = "Lost to follow-up"
text = "Try to reach the patient; the late review stays owed"
source = "L119 [2]"
owner = "care coordinator"

[stages.closed]
title = "Closed"
text = "Nothing is planned; what is still owed is listed"
source = "L119 [2]"
owner = "care coordinator"

# ------------------------------------------------------------------------------- reminders

[reminders.pattern-assessment]
text = "Determine the headache pattern: worse upright, or worse lying down?"
opens = "leak suspected before any posture was found; again at each headache report or outcome without known posture"
due = "at once"
settled = "a posture other than unknown, at or after that"
source = "L24"
owner = "treating team"

[reminders.wound-examination]
text = "Examine the surgical site for collection, bulging and clear drainage"
opens = "leak suspected"
due = "{wound_examination_due_hours} h"
settled = "the wound examined"
source = "L29 [4]"
owner = "treating team"

[reminders.conservative-start]
text = "Start conservative management and record when it began"
opens = "leak suspected, start of conservative management unknown, no intervention yet"
due = "at once"
settled = "conservative management started; intervention, resolution or rebound"
source = "L33 [2,5]"
owner = "treating team"

[reminders.thromboprophylaxis-decision]
text = "Decide on thromboprophylaxis during bed rest"
opens = "bed rest started, or among the measures"
due = "{thromboprophylaxis_due_hours} h"
settled = "a decision either way"
source = "L40 [1,5]"
owner = "treating team"

[reminders.bed-rest-review]
text = "Review bed rest: {bed_rest_max_hours} h have passed"
opens = "{bed_rest_max_hours} h after the start of bed rest"
due = "at once"
settled = "bed rest or conservative management ended, patient mobilized"
source = "L36 [2]"
owner = "treating team"

[reminders.patch-decision]
text = "Decide on an epidural blood patch"
opens = "{patch_decision_hours} h after conservative management started, while symptomatic and without intervention"
due = "{patch_decision_grace_hours} h after opening"
settled = "any intervention; resolution; declined or deferred at or after opening"
source = "L44, L127 [2]"
owner = "treating team"
escalation = [{ after_hours = 4, to = "deputy coordinator" }, { after_hours = 24, to = "site lead" }]

[reminders.observation-end]
text = "End the observation after the patch"
opens = "{observation_min_hours} h after the patch (its end, where known)"
due = "{observation_max_hours} h after the patch"
settled = "mobilization, discharge, or a position other than supine or Trendelenburg, at or after opening"
source = "L53 [5]"
owner = "ward"
escalation = []
skip_after_hours = 24

[reminders.early-review]
text = "Early review for rebound headache and complications"
opens = "{early_review_opens_hours} h after the latest intervention"
due = "{early_review_due_hours} h after it"
settled = "early review completed at or after opening, before the next intervention"
source = "L121 [1,2]"
owner = "care coordinator"
escalation = [{ after_hours = 8, to = "deputy coordinator" }, { after_hours = 24, to = "site lead" }]

[reminders.intermediate-review]
text = "Intermediate review for persistent symptoms"
opens = "{intermediate_review_opens_days} days after the latest patch"
due = "end of the local day, {intermediate_review_due_days} days after it"
settled = "intermediate review completed at or after opening, before the next intervention"
source = "L122 [2]"
owner = "care coordinator"

[reminders.late-review]
text = "Late review for complete resolution"
opens = "{late_review_opens_months} months after the latest intervention, else resolution, else start of conservative management"
due = "{late_review_due_months} months after it"
settled = "late review completed at or after opening, before the next intervention"
source = "L123 [2]"
owner = "care coordinator"
escalation = [{ after_hours = 168, to = "deputy coordinator" }]

[reminders.activity-restrictions]
text = "Review the activity restrictions and lift them if the patient is well"
opens = "{restrictions_opens_days} days after the latest intervention, unless it failed"
due = "{restrictions_due_days} days after it"
settled = "a review at or after opening with restrictions lifted"
source = "L136 [5]"
owner = "care coordinator"
escalation = [{ after_hours = 168, to = "deputy coordinator" }]

[reminders.imaging]
text = "MRI brain with contrast and MRI complete spine"
opens = "persistent after an intervention; deficit, thrombosis or subdural suspected; visual change, diplopia, papilledema or non-positional headache"
due = "at once"
settled = "MRI brain with contrast and MRI complete spine both performed at or after the criterion"
source = "L64-L71 [1]"
owner = "treating team"

[reminders.specialist-referral]
text = "Refer to a specialist neuroscience center"
opens = "stage referral is reached"
due = "at once"
settled = "specialist referral made"
source = "L77 [1]"
owner = "treating team"

[reminders.complication-review]
text = "Evaluate urgently and acknowledge"
opens = "an urgent alert or a complication"
due = "at once"
settled = "each ground acknowledged by a named person"
source = "L110 [2]"
owner = "treating team"
escalation = [{ after_hours = 0.5, to = "doctor on call" }, { after_hours = 2, to = "site lead" }]

# ------------------------------------------------------------------------------------ rules

[rules.patch-too-early]
severity = "warning"
text = "Patch within {patch_earliest_hours} h of a dural breach"
when = "any patch ordered (judged at planned_for where given) or performed less than {patch_earliest_hours} h after the latest dural breach"
source = "L49, L129 [2]"

[rules.patch-before-conservative-trial]
severity = "advisory"
text = "First patch before {patch_decision_hours} h of conservative management"
when = "first patch {patch_earliest_hours} h or more after the dural breach but less than {patch_decision_hours} h after conservative management started"
source = "L48 [2]"

[rules.patch-delayed]
severity = "warning"
text = "Blood patch delayed beyond {patch_decision_hours} h of conservative management"
when = "more than {patch_decision_hours} h (+ {patch_decision_grace_hours} h of grace) after conservative management started, active leak, no patch; held during the {patch_earliest_hours} h embargo, while improved or rebound, and after a refusal until the next orthostatic finding or planned_for"
source = "L127 [2]"

[rules.rebound-suspected]
severity = "warning"
text = "Rebound headache suspected: conservative management only, no further patch"
when = "headache worse lying down, better upright; timing, place and symptoms only change the confidence"
source = "L27, L92-L99 [3,1]"

[rules.patch-during-rebound]
severity = "urgent"
text = "Patch during rebound headache: worsens the condition"
when = "any patch performed (urgent) or ordered (warning) while in rebound"
source = "L105, L128 [3,2]"
[rules.patch-during-rebound.variants]
ordered = "warning"

[rules.pattern-unknown-before-patch]
severity = "advisory"
text = "Patch while the headache pattern is unknown: determine the pattern first"
when = "patch ordered or performed while the leak state is unknown"
source = "L24"

[rules.pattern-unknown-before-drug]
severity = "advisory"
text = "CSF- or blood-pressure-lowering drug while the headache pattern is unknown: determine the pattern first"
when = "such a drug given or running while the leak state is unknown and a leak is suspected"
source = "L24"

[rules.routine-imaging-early]
severity = "warning"
text = "Routine imaging within {imaging_window_hours} h: most leaks resolve with conservative management"
when = "imaging ordered or performed within {imaging_window_hours} h of the start of conservative management, else of the first suspicion, without a red flag and not persistent"
source = "L62, L130 [3]"

[rules.imaging-before-patch]
severity = "advisory"
text = "Imaging before a blood patch and without a red flag"
when = "imaging ordered or performed after {imaging_window_hours} h with no patch, without a red flag and not persistent"
source = "L66-L71"

[rules.advanced-imaging-before-referral]
severity = "advisory"
text = "Advanced myelography without a specialist referral"
when = "dynamic CT or digital subtraction myelography without referral"
source = "L77-L79"

[rules.myelography-position]
severity = "advisory"
text = "Position does not suit the suspected leak type"
when = "myelography for a ventral leak not prone, for a CSF-venous fistula not lateral"
source = "L80 [3,5]"

[rules.csf-lowering-drug-in-active-leak]
severity = "warning"
text = "Drug that lowers CSF pressure during an active leak"
when = "acetazolamide or its class given or running in active leak"
source = "L131, L104"

[rules.bp-lowering-drug-in-active-leak]
severity = "warning"
text = "Drug that lowers blood pressure during an active leak"
when = "antihypertensive given or running in active leak"
source = "L131 [1]"
[rules.bp-lowering-drug-in-active-leak.variants]
pre-existing = "info"
emergency = "info"

[rules.opioid-for-non-severe-pain]
severity = "advisory"
text = "Opioid although the last recorded pain was not severe"
when = "opioid given or running while the last severity is below {severe_pain_nrs}"
source = "L38 [1,2]"

[rules.patch-volume]
severity = "advisory"
text = "Blood patch volume outside {patch_volume_min_ml}-{patch_volume_max_ml} mL"
when = "blood patch of a recorded volume outside {patch_volume_min_ml}-{patch_volume_max_ml} mL"
source = "L51-L52"
[rules.patch-volume.variants]
stopped-early = "info"

[rules.patch-level]
severity = "advisory"
text = "Blood patch not at the operated level nor one below the lowest"
when = "blood patch at a level that is neither operated on nor one below the lowest"
source = "L50 [2]"

[rules.repeat-patch-unguided]
severity = "advisory"
text = "Repeat patch without image guidance"
when = "second or later patch with guidance none, unknown or absent"
source = "L58 [2,6]"

[rules.injection-not-stopped]
severity = "advisory"
text = "Injection went on despite substantial pain"
when = "injection_pain substantial and no stopped_early_reason"
source = "L52 [2]"

[rules.observation-too-short]
severity = "warning"
text = "Upright or discharged within {observation_min_hours} h of the patch"
when = "mobilized, upright or discharged less than {observation_min_hours} h after the patch"
source = "L53 [5]"

[rules.upright-too-early]
severity = "advisory"
text = "Upright although the leak may still be active"
when = "mobilized while improved but not resolved, or in the first {bed_rest_min_hours} h of bed rest"
source = "L132, L36"

[rules.restriction-breach]
severity = "advisory"
text = "Restricted activity within {restrictions_opens_days} days of the intervention"
when = "a restricted activity before {restrictions_opens_days} days after the latest intervention"
source = "L136-L139 [5]"

[rules.embolization-target]
severity = "advisory"
text = "Embolization of something other than a CSF-venous fistula"
when = "embolization with another target"
source = "L84-L88"

[rules.repair-before-patch]
severity = "advisory"
text = "Surgical repair before a patch was tried"
when = "surgical repair without an earlier patch"
source = "L84-L88"

[rules.targeted-without-site]
severity = "advisory"
text = "Targeted patch without an identified leak site"
when = "targeted patch with no leak site identified"
source = "L84-L88"

[rules.neurological-deficit]
severity = "urgent"
text = "Neurological deficit: evaluate at once"
when = "deficit, diplopia, papilledema, seizure or altered mental state, each report anew"
source = "L112 [2]"

[rules.venous-thrombosis-suspected]
severity = "urgent"
text = "Cerebral venous thrombosis possible: evaluate at once"
when = "deficit, diplopia, papilledema, seizure or altered mental state, each report anew"
source = "L112 [2]"

[rules.subdural-suspected]
severity = "urgent"
text = "Subdural collection possible: evaluate at once, treat the underlying leak"
when = "worsening headache, or focal deficit"
source = "L113 [2]"

[rules.meningitis-suspected]
severity = "urgent"
text = "Meningitis possible: evaluate and treat at once"
when = "fever with headache, neck stiffness or altered mental state"
source = "L114 [7]"

[rules.wound-complication-suspected]
severity = "urgent"
text = "Wound complication possible"
when = "erythema, any drainage, infection, dehiscence; urgent if infection, purulent, dehiscence, or erythema with fever or sepsis"
source = "L115 [7]"
[rules.wound-complication-suspected.variants]
minor = "warning"

[rules.complication-recorded]
severity = "urgent"
text = "Complication diagnosed"
when = "a complication is diagnosed and not resolved"
source = "L110-L113"

[rules.follow-up-overdue]
severity = "warning"
text = "Follow-up review overdue"
when = "early, intermediate or late review is overdue"
source = "L119 [2]"

[rules.closed-with-open-follow-up]
severity = "warning"
text = "Episode closed while a review is still owed"
when = "closed while a review is scheduled, open or overdue"
source = "L119 [2]"

[rules.possible-duplicate]
severity = "advisory"
text = "Possibly the same procedure recorded twice: the later one counts for nothing until acknowledged as a second one"
when = "same procedure within {duplicate_hours} h under another id"
source = "-"

[rules.protocol-clock-missing]
severity = "info"
text = "A rule cannot be judged because its clock is unknown"
when = "patch without a known dural breach; active leak without a known start of conservative management"
source = "-"
','1b48fb875db2f32805716b55ab21ce42aaa5580b131cbed07a3e30c25eb68ca3',1772355600000000,'anna');
CREATE TABLE reminders (
	episode_key INTEGER NOT NULL, 
	id VARCHAR(200) NOT NULL, 
	kind TEXT NOT NULL, 
	anchor TEXT NOT NULL, 
	opens_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	acknowledged_by TEXT, 
	snoozed_until BIGINT, 
	PRIMARY KEY (episode_key, id)
)
 WITHOUT ROWID

;
INSERT INTO "reminders" VALUES(1,'activity-restrictions:patch','activity-restrictions','patch',1775030400000000,1776240000000000,NULL,NULL);
INSERT INTO "reminders" VALUES(1,'early-review:patch','early-review','patch',1772701200000000,1772787600000000,NULL,NULL);
INSERT INTO "reminders" VALUES(1,'intermediate-review:patch','intermediate-review','patch',1773478800000000,1773874799999999,NULL,NULL);
INSERT INTO "reminders" VALUES(1,'late-review:patch','late-review','patch',1780560000000000,1788508800000000,NULL,NULL);
INSERT INTO "reminders" VALUES(1,'observation-end:patch','observation-end','patch',1772622000000000,1772701200000000,NULL,NULL);
INSERT INTO "reminders" VALUES(1,'wound-examination:head','wound-examination','head',1772442000000000,1772528400000000,NULL,NULL);
CREATE TABLE restores (
	number INTEGER NOT NULL, 
	restored_at BIGINT NOT NULL, 
	taken_at BIGINT NOT NULL, 
	position BIGINT NOT NULL, 
	known_position BIGINT, 
	settled_at BIGINT, 
	PRIMARY KEY (number)
);
CREATE TABLE silences (
	ended_at BIGINT NOT NULL, 
	scheduler VARCHAR(200) NOT NULL, 
	began_at BIGINT, 
	PRIMARY KEY (ended_at, scheduler)
);
CREATE TABLE tallies (
	episode_key INTEGER NOT NULL, 
	names TEXT NOT NULL, 
	PRIMARY KEY (episode_key)
);
INSERT INTO "tallies" VALUES(1,'alert/protocol-clock-missing
cohort/intervention
cohort/patch
episodes
leak/unknown
protocol/csf-leak-post-spine-surgery@1
reminder/activity-restrictions/scheduled
reminder/conservative-start/done-late
reminder/early-review/scheduled
reminder/intermediate-review/scheduled
reminder/late-review/scheduled
reminder/observation-end/open
reminder/wound-examination/overdue
stage/post-patch');
INSERT INTO "tallies" VALUES(2,'episodes
leak/unknown
protocol/csf-leak-post-spine-surgery@1
stage/at-risk');
CREATE TABLE worklist (
	episode_key INTEGER NOT NULL, 
	stage VARCHAR(20) NOT NULL, 
	leak VARCHAR(20) NOT NULL, 
	urgent BOOLEAN NOT NULL, 
	listed BOOLEAN NOT NULL, 
	overdue BOOLEAN NOT NULL, 
	due_at BIGINT NOT NULL, 
	due_kind TEXT, 
	next_step TEXT, 
	owner TEXT, 
	reminders INTEGER NOT NULL, 
	alerts INTEGER NOT NULL, 
	coordinator TEXT, 
	site TEXT, 
	protocol TEXT NOT NULL, 
	time_zone TEXT NOT NULL, 
	changes_at BIGINT, 
	next_action_at BIGINT, 
	PRIMARY KEY (episode_key)
);
INSERT INTO "worklist" VALUES(1,'post-patch','unknown',0,1,1,1772528400000000,'wound-examination','Examine the surgical site for collection, bulging and clear drainage','treating team',6,0,'anna',NULL,'csf-leak-post-spine-surgery@1','Europe/Berlin',1772701200000000,1772701200000000);
INSERT INTO "worklist" VALUES(2,'at-risk','unknown',0,1,0,253402300799999999,NULL,'Watch for headache, wound drainage and neurological signs','treating team',0,0,NULL,NULL,'csf-leak-post-spine-surgery@1','UTC',NULL,NULL);
CREATE TABLE worklist_counts (
	stage VARCHAR(20) NOT NULL, 
	coordinator VARCHAR(200) NOT NULL, 
	site VARCHAR(200) NOT NULL, 
	listed BOOLEAN NOT NULL, 
	urgent BOOLEAN NOT NULL, 
	overdue BOOLEAN NOT NULL, 
	episodes INTEGER NOT NULL, 
	PRIMARY KEY (stage, coordinator, site, listed, urgent, overdue)
)
 WITHOUT ROWID

;
INSERT INTO "worklist_counts" VALUES('at-risk','','',1,0,0,1);
INSERT INTO "worklist_counts" VALUES('post-patch','anna','',1,0,1,1);
CREATE TRIGGER episodes_refuse_update BEFORE UPDATE ON episodes BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on episodes refused'); END;
CREATE TRIGGER episodes_refuse_delete BEFORE DELETE ON episodes BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on episodes refused'); END;
CREATE TRIGGER episodes_refuse_replace BEFORE INSERT ON episodes WHEN EXISTS (SELECT 1 FROM episodes WHERE key = NEW.key) OR EXISTS (SELECT 1 FROM episodes WHERE uuid = NEW.uuid) BEGIN SELECT RAISE(ABORT, 'the log is append-only: episodes has that row already'); END;
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on events refused'); END;
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on events refused'); END;
CREATE TRIGGER events_refuse_replace BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE position = NEW.position) OR EXISTS (SELECT 1 FROM events WHERE episode_key = NEW.episode_key AND version = NEW.version) BEGIN SELECT RAISE(ABORT, 'the log is append-only: events has that row already'); END;
CREATE TRIGGER protocols_refuse_update BEFORE UPDATE ON protocols BEGIN SELECT RAISE(ABORT, 'the log is append-only: UPDATE on protocols refused'); END;
CREATE TRIGGER protocols_refuse_delete BEFORE DELETE ON protocols BEGIN SELECT RAISE(ABORT, 'the log is append-only: DELETE on protocols refused'); END;
CREATE TRIGGER protocols_refuse_replace BEFORE INSERT ON protocols WHEN EXISTS (SELECT 1 FROM protocols WHERE name = NEW.name) BEGIN SELECT RAISE(ABORT, 'the log is append-only: protocols has that row already'); END;
CREATE INDEX ix_episode_index_uuid ON episode_index (uuid);
CREATE INDEX ix_episode_index_short_id ON episode_index (short_id);
CREATE INDEX ix_episode_index_reference ON episode_index (reference);
CREATE INDEX ix_episode_index_patient ON episode_index (patient);
CREATE INDEX ix_worklist_order ON worklist (listed, urgent, due_at, episode_key);
CREATE INDEX ix_worklist_stage ON worklist (stage, urgent, due_at, episode_key);
CREATE INDEX ix_worklist_coordinator ON worklist (coordinator, listed, urgent, due_at, episode_key);
CREATE INDEX ix_worklist_site ON worklist (site, listed, urgent, due_at, episode_key);
CREATE INDEX ix_worklist_changes_at ON worklist (changes_at);
CREATE INDEX ix_worklist_next_action_at ON worklist (next_action_at);
CREATE INDEX ix_reminders_due_at ON reminders (due_at, episode_key);
CREATE INDEX ix_alerts_severity ON alerts (severity, since, episode_key);
CREATE INDEX ix_outbox_waiting ON outbox (state, priority, next_attempt_at, due_at);
CREATE INDEX ix_outbox_event ON outbox (event);
CREATE INDEX ix_outbox_message ON outbox (message);
CREATE INDEX ix_accesses_at ON accesses (at);
CREATE INDEX ix_accesses_actor ON accesses (actor, position);
CREATE INDEX ix_accesses_episode_key ON accesses (episode_key, position);
CREATE TRIGGER accesses_refuse_update BEFORE UPDATE ON accesses BEGIN SELECT RAISE(ABORT, 'the access log is append-only: UPDATE refused'); END;
CREATE TRIGGER accesses_refuse_delete BEFORE DELETE ON accesses BEGIN SELECT RAISE(ABORT, 'the access log is append-only: DELETE refused'); END;
CREATE TRIGGER accesses_refuse_replace BEFORE INSERT ON accesses WHEN EXISTS (SELECT 1 FROM accesses WHERE position = NEW.position) BEGIN SELECT RAISE(ABORT, 'the access log is append-only: that row is there already'); END;
CREATE INDEX ix_outbox_episode ON outbox (episode_key);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('episodes',2);
INSERT INTO "sqlite_sequence" VALUES('events',8);
INSERT INTO "sqlite_sequence" VALUES('accesses',1);
COMMIT;
