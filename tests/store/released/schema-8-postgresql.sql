SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the log is append-only: % on % refused', TG_OP, TG_TABLE_NAME; END $$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.accesses (
    "position" bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    episode_key bigint,
    state bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.alerts (
    episode_key bigint CONSTRAINT alerts_beside_episode_key_not_null NOT NULL,
    id text CONSTRAINT alerts_beside_id_not_null NOT NULL COLLATE pg_catalog."C",
    rule text CONSTRAINT alerts_beside_rule_not_null NOT NULL COLLATE pg_catalog."C",
    severity text CONSTRAINT alerts_beside_severity_not_null NOT NULL COLLATE pg_catalog."C",
    since bigint CONSTRAINT alerts_beside_since_not_null NOT NULL,
    acknowledged_by text COLLATE pg_catalog."C"
);

CREATE TABLE public.copies (
    begun_at bigint NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    finished_at bigint
);

CREATE TABLE public.counters (
    name text CONSTRAINT counters_beside_name_not_null NOT NULL COLLATE pg_catalog."C",
    value integer CONSTRAINT counters_beside_value_not_null NOT NULL
);

CREATE TABLE public.digests (
    coordinator text NOT NULL COLLATE pg_catalog."C",
    made_for bigint NOT NULL
);

CREATE TABLE public.encryption (
    version integer NOT NULL,
    since bigint NOT NULL
);

CREATE TABLE public.episode_index (
    episode_key bigint CONSTRAINT episode_index_beside_episode_key_not_null NOT NULL,
    uuid text CONSTRAINT episode_index_beside_uuid_not_null NOT NULL COLLATE pg_catalog."C",
    short_id text COLLATE pg_catalog."C",
    reference text COLLATE pg_catalog."C",
    patient text COLLATE pg_catalog."C",
    sealed bytea
);

CREATE TABLE public.episodes (
    key bigint NOT NULL,
    uuid text NOT NULL COLLATE pg_catalog."C"
);

CREATE SEQUENCE public.episodes_key_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.episodes_key_seq OWNED BY public.episodes.key;

CREATE TABLE public.events (
    "position" bigint NOT NULL,
    episode_key bigint NOT NULL,
    version integer NOT NULL,
    topic text NOT NULL COLLATE pg_catalog."C",
    state bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE public.heartbeats (
    scheduler text NOT NULL COLLATE pg_catalog."C",
    last_tick bigint NOT NULL,
    issued integer NOT NULL,
    skipped integer NOT NULL,
    every_seconds integer,
    ended_at bigint,
    away_from bigint,
    away_until bigint,
    still_due integer,
    delivered_at bigint,
    sent integer,
    failed integer
);

CREATE TABLE public.outbox (
    id text NOT NULL COLLATE pg_catalog."C",
    event text COLLATE pg_catalog."C",
    episode_key bigint,
    reminder text COLLATE pg_catalog."C",
    level integer NOT NULL,
    coordinator text COLLATE pg_catalog."C",
    site text COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    recipient text COLLATE pg_catalog."C",
    priority integer NOT NULL,
    form text NOT NULL COLLATE pg_catalog."C",
    content bytea NOT NULL,
    bundled boolean NOT NULL,
    message text COLLATE pg_catalog."C",
    due_at bigint NOT NULL,
    created_at bigint NOT NULL,
    not_before bigint NOT NULL,
    next_attempt_at bigint NOT NULL,
    attempts integer NOT NULL,
    claimed_by text COLLATE pg_catalog."C",
    claimed_until bigint,
    state text NOT NULL COLLATE pg_catalog."C",
    ended_at bigint,
    ended_by text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    last_error text COLLATE pg_catalog."C"
);

CREATE TABLE public.outbox_retries (
    outbox_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    at bigint NOT NULL,
    by text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    ended_at bigint,
    ended_by text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    attempts integer NOT NULL,
    last_error text COLLATE pg_catalog."C"
);

CREATE TABLE public.parked (
    episode_key bigint NOT NULL,
    "position" bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    parked_at bigint NOT NULL
);

CREATE TABLE public.projection_state (
    version integer NOT NULL,
    "position" bigint NOT NULL
);

CREATE TABLE public.protocols (
    name text NOT NULL COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    added_at bigint NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.reminders (
    episode_key bigint CONSTRAINT reminders_beside_episode_key_not_null NOT NULL,
    id text CONSTRAINT reminders_beside_id_not_null NOT NULL COLLATE pg_catalog."C",
    kind text CONSTRAINT reminders_beside_kind_not_null NOT NULL COLLATE pg_catalog."C",
    anchor text CONSTRAINT reminders_beside_anchor_not_null NOT NULL COLLATE pg_catalog."C",
    opens_at bigint CONSTRAINT reminders_beside_opens_at_not_null NOT NULL,
    due_at bigint CONSTRAINT reminders_beside_due_at_not_null NOT NULL,
    acknowledged_by text COLLATE pg_catalog."C",
    snoozed_until bigint
);

CREATE TABLE public.restores (
    number bigint NOT NULL,
    restored_at bigint NOT NULL,
    taken_at bigint NOT NULL,
    "position" bigint NOT NULL,
    known_position bigint,
    settled_at bigint
);

CREATE SEQUENCE public.restores_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.restores_number_seq OWNED BY public.restores.number;

CREATE TABLE public.silences (
    ended_at bigint NOT NULL,
    scheduler text NOT NULL COLLATE pg_catalog."C",
    began_at bigint
);

CREATE TABLE public.tallies (
    episode_key bigint CONSTRAINT tallies_beside_episode_key_not_null NOT NULL,
    names text CONSTRAINT tallies_beside_names_not_null NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.worklist (
    episode_key bigint CONSTRAINT worklist_beside_episode_key_not_null NOT NULL,
    stage text CONSTRAINT worklist_beside_stage_not_null NOT NULL COLLATE pg_catalog."C",
    leak text CONSTRAINT worklist_beside_leak_not_null NOT NULL COLLATE pg_catalog."C",
    urgent boolean CONSTRAINT worklist_beside_urgent_not_null NOT NULL,
    listed boolean CONSTRAINT worklist_beside_listed_not_null NOT NULL,
    overdue boolean CONSTRAINT worklist_beside_overdue_not_null NOT NULL,
    due_at bigint CONSTRAINT worklist_beside_due_at_not_null NOT NULL,
    due_kind text COLLATE pg_catalog."C",
    next_step text COLLATE pg_catalog."C",
    owner text COLLATE pg_catalog."C",
    reminders integer CONSTRAINT worklist_beside_reminders_not_null NOT NULL,
    alerts integer CONSTRAINT worklist_beside_alerts_not_null NOT NULL,
    coordinator text COLLATE pg_catalog."C",
    site text COLLATE pg_catalog."C",
    protocol text CONSTRAINT worklist_beside_protocol_not_null NOT NULL COLLATE pg_catalog."C",
    time_zone text CONSTRAINT worklist_beside_time_zone_not_null NOT NULL COLLATE pg_catalog."C",
    changes_at bigint,
    next_action_at bigint
);

CREATE TABLE public.worklist_counts (
    stage text CONSTRAINT worklist_counts_beside_stage_not_null NOT NULL COLLATE pg_catalog."C",
    coordinator text CONSTRAINT worklist_counts_beside_coordinator_not_null NOT NULL COLLATE pg_catalog."C",
    site text CONSTRAINT worklist_counts_beside_site_not_null NOT NULL COLLATE pg_catalog."C",
    listed boolean CONSTRAINT worklist_counts_beside_listed_not_null NOT NULL,
    urgent boolean CONSTRAINT worklist_counts_beside_urgent_not_null NOT NULL,
    overdue boolean CONSTRAINT worklist_counts_beside_overdue_not_null NOT NULL,
    episodes integer CONSTRAINT worklist_counts_beside_episodes_not_null NOT NULL
);

ALTER TABLE ONLY public.episodes ALTER COLUMN key SET DEFAULT nextval('public.episodes_key_seq'::regclass);

ALTER TABLE ONLY public.restores ALTER COLUMN number SET DEFAULT nextval('public.restores_number_seq'::regclass);

INSERT INTO public.accesses VALUES (1, 1772623800000000, 'anna', 1, '\x7b226174223a22323032362d30332d30345431313a33303a30305a222c226163746f72223a22616e6e61222c22636f6d6d616e64223a2273686f77222c22657069736f6465223a2236353133323730652d323639652d346433372d623261372d346465343532653662343338227d', '\x7a4801255ae0d41401551b2d38fbc29edb79256b6e4dd61a9dc8a962b424e3c8');

INSERT INTO public.alembic_version VALUES ('0008');

INSERT INTO public.copies VALUES (1772623800000000, '/srv/tracker', 1772623800000000);

INSERT INTO public.counters VALUES ('alert/protocol-clock-missing', 1);
INSERT INTO public.counters VALUES ('cohort/intervention', 1);
INSERT INTO public.counters VALUES ('cohort/patch', 1);
INSERT INTO public.counters VALUES ('episodes', 2);
INSERT INTO public.counters VALUES ('leak/unknown', 2);
INSERT INTO public.counters VALUES ('protocol/csf-leak-post-spine-surgery@1', 2);
INSERT INTO public.counters VALUES ('reminder/activity-restrictions/scheduled', 1);
INSERT INTO public.counters VALUES ('reminder/conservative-start/done-late', 1);
INSERT INTO public.counters VALUES ('reminder/early-review/scheduled', 1);
INSERT INTO public.counters VALUES ('reminder/intermediate-review/scheduled', 1);
INSERT INTO public.counters VALUES ('reminder/late-review/scheduled', 1);
INSERT INTO public.counters VALUES ('reminder/observation-end/open', 1);
INSERT INTO public.counters VALUES ('reminder/wound-examination/overdue', 1);
INSERT INTO public.counters VALUES ('stage/at-risk', 1);
INSERT INTO public.counters VALUES ('stage/post-patch', 1);

INSERT INTO public.episode_index VALUES (1, '6513270e269e4d37b2a74de452e6b438', 'E-JJEG5', 'case-1', 'MRN-4711', NULL);
INSERT INTO public.episode_index VALUES (2, '9531985d5d9d49f89818e811892f902b', 'E-GS0G5', 'Ünäl-2', 'MRN-0815', NULL);

INSERT INTO public.episodes VALUES (1, '6513270e269e4d37b2a74de452e6b438');
INSERT INTO public.episodes VALUES (2, '9531985d5d9d49f89818e811892f902b');

INSERT INTO public.events VALUES (1, 1, 1, 'episode-opened', '\x7b226964223a226f70656e6564222c226f636375727265645f6174223a22323032362d30332d30315430393a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30315430393a30303a30305a222c226163746f72223a22616e6e61222c22736f75726365223a22636c69222c22736368656d61223a312c2264617461223a7b2270617469656e74223a224d524e2d34373131222c227265666572656e6365223a22636173652d31222c2273686f72745f6964223a22452d4a4a454735222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e222c22636f6f7264696e61746f72223a22616e6e61222c2270726f746f636f6c223a226373662d6c65616b2d706f73742d7370696e652d737572676572794031227d7d', '\x1b138beb2b874c5d4aa8fc3481c024380cb7378953056f649f2deb83fc42ac6c');
INSERT INTO public.events VALUES (2, 1, 2, 'surgery-performed', '\x7b226964223a226f70222c226f636375727265645f6174223a22323032362d30332d30315430383a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30315431303a30303a30305a222c226163746f72223a22616e6e61222c22736f75726365223a22636c69222c22736368656d61223a312c2264617461223a7b226c6576656c223a224c342d4c35227d7d', '\x236b4e56d863904cedcace8131662fa04348e51a99b3a4ae5bf58c22ca3bb6f7');
INSERT INTO public.events VALUES (3, 1, 3, 'headache-assessed', '\x7b226964223a2268656164222c226f636375727265645f6174223a22323032362d30332d30325430393a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30325430393a30303a30305a222c226163746f72223a22616e6e61222c22736f75726365223a22636c69222c22736368656d61223a312c2264617461223a7b22706f7374757265223a226f7274686f737461746963227d7d', '\xefb59c88545c1a6d3b28b122e452ab41133682eb10374a4e287d02f1a99354cf');
INSERT INTO public.events VALUES (4, 1, 4, 'blood-patch-performed', '\x7b226964223a227061746368222c226f636375727265645f6174223a22323032362d30332d30345430393a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30345430393a30303a30305a222c226163746f72223a22616e6e61222c22736f75726365223a22636c69222c22736368656d61223a312c2264617461223a7b22766f6c756d655f6d6c223a31382e307d7d', '\xc0ee80f4491bb5eba05c65ecd062cf12b545ebf1edc59f4d3cbd30eda74a2d55');
INSERT INTO public.events VALUES (5, 1, 5, 'event-corrected', '\x7b226964223a2264323366303832342d313238622d346633332d386335632d376664306136613361343530222c226f636375727265645f6174223a22323032362d30332d30345430393a33303a30305a222c227265636f726465645f6174223a22323032362d30332d30345430393a33303a30305a222c226163746f72223a22616e6e61222c22736f75726365223a22636c69222c22736368656d61223a312c2264617461223a7b22746172676574223a227061746368222c226368616e676573223a7b22766f6c756d655f6d6c223a32302e307d2c22726561736f6e223a227265616420616761696e227d7d', '\x84f4fd4deb819f6b4f64132fa81a5f55f959ccc5c903c0687239b18818dc806f');
INSERT INTO public.events VALUES (6, 2, 1, 'episode-opened', '\x7b226964223a226f70656e65642d32222c226f636375727265645f6174223a22323032362d30332d30345431303a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30345431303a30303a30305a222c226163746f72223a22616e6e61222c22736f75726365223a22636c69222c22736368656d61223a312c2264617461223a7b2270617469656e74223a224d524e2d30383135222c227265666572656e6365223a22c39c6ec3a46c2d32222c2273686f72745f6964223a22452d4753304735222c2274696d655f7a6f6e65223a22555443222c2270726f746f636f6c223a226373662d6c65616b2d706f73742d7370696e652d737572676572794031227d7d', '\xa961dd22af7caba7559ab744c31ea5f11ada57f0103d72fe1231c8d3e88e479a');
INSERT INTO public.events VALUES (7, 1, 6, 'reminder-issued', '\x7b226964223a2265316562333539652d303362642d353361662d613331342d613730346430363335376165222c226f636375727265645f6174223a22323032362d30332d30345431313a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30345431313a30303a30305a222c226163746f72223a227363686564756c6572222c22736f75726365223a227363686564756c6572222c22736368656d61223a312c2264617461223a7b2272656d696e646572223a22776f756e642d6578616d696e6174696f6e3a68656164222c226b696e64223a22776f756e642d6578616d696e6174696f6e222c227068617365223a226f766572647565222c2277696e646f77223a22323032362d30332d30325430393a30303a30305a2f323032362d30332d30335430393a30303a30305a222c22726561736f6e223a227374616e647320666f72206f70656e20746f6f227d7d', '\x9ef501399c19e5260eb28a9a2f8688a96f59b7d362c2253f121176db9917a033');
INSERT INTO public.events VALUES (8, 1, 7, 'reminder-issued', '\x7b226964223a2264623662306334372d326565362d353631642d613263342d326165346664313034303637222c226f636375727265645f6174223a22323032362d30332d30345431313a30303a30305a222c227265636f726465645f6174223a22323032362d30332d30345431313a30303a30305a222c226163746f72223a227363686564756c6572222c22736f75726365223a227363686564756c6572222c22736368656d61223a312c2264617461223a7b2272656d696e646572223a226f62736572766174696f6e2d656e643a7061746368222c226b696e64223a226f62736572766174696f6e2d656e64222c227068617365223a226f70656e222c2277696e646f77223a22323032362d30332d30345431313a30303a30305a2f323032362d30332d30355430393a30303a30305a227d7d', '\x82673cc29f44fabe805c7eac4a7b8544d83a83cc9983378f573d182cb5415512');

INSERT INTO public.heartbeats VALUES ('vm', 1772622000000000, 2, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.outbox VALUES ('2c093b78-8725-5273-b37f-ab4bf092a5b7', 'e1eb359e-03bd-53af-a314-a704d06357ae', 1, 'wound-examination:head', 0, 'anna', NULL, 'console', NULL, 1, 'notice', '\x7b226964223a2265316562333539652d303362642d353361662d613331342d613730346430363335376165222c22657069736f6465223a22452d4a4a454735222c226b696e64223a22776f756e642d6578616d696e6174696f6e222c227068617365223a226f766572647565222c2274657874223a224578616d696e652074686520737572676963616c207369746520666f7220636f6c6c656374696f6e2c2062756c67696e6720616e6420636c65617220647261696e616765222c226f70656e735f6174223a22323032362d30332d30325430393a30303a30305a222c226475655f6174223a22323032362d30332d30335430393a30303a30305a222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e222c22736f75726365223a224c3239205b345d222c22636f6d6d616e64223a22747261636b6572207265636f726420776f756e642d6578616d696e656420452d4a4a454735202e2e2e222c226973737565645f6174223a22323032362d30332d30345431313a30303a30305a222c22746f223a6e756c6c7d', false, NULL, 1772528400000000, 1772622000000000, 1772622000000000, 1772622000000000, 1, NULL, NULL, 'delivered', 1772622000000000, 'vm/323b7d0f929446e5', NULL, NULL);
INSERT INTO public.outbox VALUES ('3151f053-eb83-5417-a9af-e2d36aac43eb', 'db6b0c47-2ee6-561d-a2c4-2ae4fd104067', 1, 'observation-end:patch', 0, 'anna', NULL, 'file', NULL, 1, 'notice', '\x7b226964223a2264623662306334372d326565362d353631642d613263342d326165346664313034303637222c22657069736f6465223a22452d4a4a454735222c226b696e64223a226f62736572766174696f6e2d656e64222c227068617365223a226f70656e222c2274657874223a22456e6420746865206f62736572766174696f6e20616674657220746865207061746368222c226f70656e735f6174223a22323032362d30332d30345431313a30303a30305a222c226475655f6174223a22323032362d30332d30355430393a30303a30305a222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e222c22736f75726365223a224c3533205b355d222c22636f6d6d616e64223a22747261636b6572207265636f72642070617469656e742d6d6f62696c697a656420452d4a4a454735222c226973737565645f6174223a22323032362d30332d30345431313a30303a30305a222c22746f223a6e756c6c7d', false, NULL, 1772701200000000, 1772622000000000, 1772622000000000, 1772622000000000, 1, NULL, NULL, 'delivered', 1772622000000000, 'vm/323b7d0f929446e5', NULL, NULL);
INSERT INTO public.outbox VALUES ('4a45ff94-9b4a-5c2c-9c28-e5ce1e00f28a', 'e1eb359e-03bd-53af-a314-a704d06357ae', 1, 'wound-examination:head', 0, 'anna', NULL, 'file', NULL, 1, 'notice', '\x7b226964223a2265316562333539652d303362642d353361662d613331342d613730346430363335376165222c22657069736f6465223a22452d4a4a454735222c226b696e64223a22776f756e642d6578616d696e6174696f6e222c227068617365223a226f766572647565222c2274657874223a224578616d696e652074686520737572676963616c207369746520666f7220636f6c6c656374696f6e2c2062756c67696e6720616e6420636c65617220647261696e616765222c226f70656e735f6174223a22323032362d30332d30325430393a30303a30305a222c226475655f6174223a22323032362d30332d30335430393a30303a30305a222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e222c22736f75726365223a224c3239205b345d222c22636f6d6d616e64223a22747261636b6572207265636f726420776f756e642d6578616d696e656420452d4a4a454735202e2e2e222c226973737565645f6174223a22323032362d30332d30345431313a30303a30305a222c22746f223a6e756c6c7d', false, NULL, 1772528400000000, 1772622000000000, 1772622000000000, 1772622000000000, 1, NULL, NULL, 'delivered', 1772622000000000, 'vm/323b7d0f929446e5', NULL, NULL);
INSERT INTO public.outbox VALUES ('903faffa-f08f-525f-aee9-2a525b52f878', 'db6b0c47-2ee6-561d-a2c4-2ae4fd104067', 1, 'observation-end:patch', 0, 'anna', NULL, 'console', NULL, 1, 'notice', '\x7b226964223a2264623662306334372d326565362d353631642d613263342d326165346664313034303637222c22657069736f6465223a22452d4a4a454735222c226b696e64223a226f62736572766174696f6e2d656e64222c227068617365223a226f70656e222c2274657874223a22456e6420746865206f62736572766174696f6e20616674657220746865207061746368222c226f70656e735f6174223a22323032362d30332d30345431313a30303a30305a222c226475655f6174223a22323032362d30332d30355430393a30303a30305a222c2274696d655f7a6f6e65223a224575726f70652f4265726c696e222c22736f75726365223a224c3533205b355d222c22636f6d6d616e64223a22747261636b6572207265636f72642070617469656e742d6d6f62696c697a656420452d4a4a454735222c226973737565645f6174223a22323032362d30332d30345431313a30303a30305a222c22746f223a6e756c6c7d', false, NULL, 1772701200000000, 1772622000000000, 1772622000000000, 1772622000000000, 1, NULL, NULL, 'delivered', 1772622000000000, 'vm/323b7d0f929446e5', NULL, NULL);

INSERT INTO public.projection_state VALUES (1, 8);

INSERT INTO public.protocols VALUES ('csf-leak-post-spine-surgery@1', '# The protocol: every window, threshold, severity, wording and citation.
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
', '1b48fb875db2f32805716b55ab21ce42aaa5580b131cbed07a3e30c25eb68ca3', 1772355600000000, 'anna');

INSERT INTO public.reminders VALUES (1, 'wound-examination:head', 'wound-examination', 'head', 1772442000000000, 1772528400000000, NULL, NULL);
INSERT INTO public.reminders VALUES (1, 'observation-end:patch', 'observation-end', 'patch', 1772622000000000, 1772701200000000, NULL, NULL);
INSERT INTO public.reminders VALUES (1, 'early-review:patch', 'early-review', 'patch', 1772701200000000, 1772787600000000, NULL, NULL);
INSERT INTO public.reminders VALUES (1, 'intermediate-review:patch', 'intermediate-review', 'patch', 1773478800000000, 1773874799999999, NULL, NULL);
INSERT INTO public.reminders VALUES (1, 'activity-restrictions:patch', 'activity-restrictions', 'patch', 1775030400000000, 1776240000000000, NULL, NULL);
INSERT INTO public.reminders VALUES (1, 'late-review:patch', 'late-review', 'patch', 1780560000000000, 1788508800000000, NULL, NULL);

INSERT INTO public.tallies VALUES (1, 'alert/protocol-clock-missing
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
INSERT INTO public.tallies VALUES (2, 'episodes
leak/unknown
protocol/csf-leak-post-spine-surgery@1
stage/at-risk');

INSERT INTO public.worklist VALUES (1, 'post-patch', 'unknown', false, true, true, 1772528400000000, 'wound-examination', 'Examine the surgical site for collection, bulging and clear drainage', 'treating team', 6, 0, 'anna', NULL, 'csf-leak-post-spine-surgery@1', 'Europe/Berlin', 1772701200000000, 1772701200000000);
INSERT INTO public.worklist VALUES (2, 'at-risk', 'unknown', false, true, false, 253402300799999999, NULL, 'Watch for headache, wound drainage and neurological signs', 'treating team', 0, 0, NULL, NULL, 'csf-leak-post-spine-surgery@1', 'UTC', NULL, NULL);

INSERT INTO public.worklist_counts VALUES ('at-risk', '', '', true, false, false, 1);
INSERT INTO public.worklist_counts VALUES ('post-patch', 'anna', '', true, false, true, 1);

SELECT pg_catalog.setval('public.episodes_key_seq', 2, true);

SELECT pg_catalog.setval('public.restores_number_seq', 1, false);

ALTER TABLE ONLY public.accesses
    ADD CONSTRAINT accesses_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (episode_key, id);

ALTER TABLE ONLY public.copies
    ADD CONSTRAINT copies_pkey PRIMARY KEY (begun_at);

ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.digests
    ADD CONSTRAINT digests_pkey PRIMARY KEY (coordinator);

ALTER TABLE ONLY public.encryption
    ADD CONSTRAINT encryption_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.episode_index
    ADD CONSTRAINT episode_index_pkey PRIMARY KEY (episode_key);

ALTER TABLE ONLY public.episodes
    ADD CONSTRAINT episodes_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.episodes
    ADD CONSTRAINT episodes_uuid_key UNIQUE (uuid);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.heartbeats
    ADD CONSTRAINT heartbeats_pkey PRIMARY KEY (scheduler);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox_retries
    ADD CONSTRAINT outbox_retries_pkey PRIMARY KEY (outbox_id, number);

ALTER TABLE ONLY public.parked
    ADD CONSTRAINT parked_pkey PRIMARY KEY (episode_key);

ALTER TABLE ONLY public.projection_state
    ADD CONSTRAINT projection_state_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.protocols
    ADD CONSTRAINT protocols_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.reminders
    ADD CONSTRAINT reminders_pkey PRIMARY KEY (episode_key, id);

ALTER TABLE ONLY public.restores
    ADD CONSTRAINT restores_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.silences
    ADD CONSTRAINT silences_pkey PRIMARY KEY (ended_at, scheduler);

ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (episode_key);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT uq_events_episode_key_version UNIQUE (episode_key, version);

ALTER TABLE ONLY public.worklist_counts
    ADD CONSTRAINT worklist_counts_pkey PRIMARY KEY (stage, coordinator, site, listed, urgent, overdue);

ALTER TABLE ONLY public.worklist
    ADD CONSTRAINT worklist_pkey PRIMARY KEY (episode_key);

CREATE INDEX ix_accesses_actor ON public.accesses USING btree (actor, "position");

CREATE INDEX ix_accesses_at ON public.accesses USING btree (at);

CREATE INDEX ix_accesses_episode_key ON public.accesses USING btree (episode_key, "position");

CREATE INDEX ix_alerts_severity ON public.alerts USING btree (severity, since, episode_key);

CREATE INDEX ix_episode_index_patient ON public.episode_index USING btree (patient);

CREATE INDEX ix_episode_index_reference ON public.episode_index USING btree (reference);

CREATE INDEX ix_episode_index_short_id ON public.episode_index USING btree (short_id);

CREATE INDEX ix_episode_index_uuid ON public.episode_index USING btree (uuid);

CREATE INDEX ix_outbox_episode ON public.outbox USING btree (episode_key);

CREATE INDEX ix_outbox_event ON public.outbox USING btree (event);

CREATE INDEX ix_outbox_message ON public.outbox USING btree (message);

CREATE INDEX ix_outbox_waiting ON public.outbox USING btree (state, priority, next_attempt_at, due_at);

CREATE INDEX ix_reminders_due_at ON public.reminders USING btree (due_at, episode_key);

CREATE INDEX ix_worklist_changes_at ON public.worklist USING btree (changes_at);

CREATE INDEX ix_worklist_coordinator ON public.worklist USING btree (coordinator, listed, urgent, due_at, episode_key);

CREATE INDEX ix_worklist_next_action_at ON public.worklist USING btree (next_action_at);

CREATE INDEX ix_worklist_order ON public.worklist USING btree (listed, urgent, due_at, episode_key);

CREATE INDEX ix_worklist_site ON public.worklist USING btree (site, listed, urgent, due_at, episode_key);

CREATE INDEX ix_worklist_stage ON public.worklist USING btree (stage, urgent, due_at, episode_key);

CREATE TRIGGER accesses_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.accesses FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER episodes_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.episodes FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER events_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER protocols_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.protocols FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_episode_key_fkey FOREIGN KEY (episode_key) REFERENCES public.episodes(key);

