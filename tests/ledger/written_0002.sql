BEGIN TRANSACTION;
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	run_id VARCHAR(64) NOT NULL, 
	citizen_id VARCHAR(64) NOT NULL, 
	opening_id VARCHAR(64) NOT NULL, 
	verdict VARCHAR(8) NOT NULL, 
	reason VARCHAR(64), 
	unit VARCHAR(100) NOT NULL, 
	decided_at DATETIME NOT NULL, 
	opened_at DATETIME, 
	seconds_looked INTEGER, 
	until DATE, 
	recorded_at DATETIME NOT NULL, 
	latest BOOLEAN NOT NULL, 
	standing BOOLEAN NOT NULL, 
	cost_placements INTEGER, 
	cost_fit BIGINT, 
	CONSTRAINT pk_decisions PRIMARY KEY (id), 
	CONSTRAINT fk_decisions_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
INSERT INTO "decisions" VALUES(1,'2026-11-23-0739c860','C1','O2','accept',NULL,'','2026-11-24 12:00:00.000000',NULL,NULL,NULL,'2026-11-28 14:21:31.184066',1,1,NULL,NULL);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	digest VARCHAR(32) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	day DATE NOT NULL, 
	citizen_id VARCHAR(64), 
	opening_id VARCHAR(64) NOT NULL, 
	reason VARCHAR(64), 
	seats INTEGER NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT uq_events_digest UNIQUE (digest)
);
CREATE TABLE folders (
	id INTEGER NOT NULL, 
	run_id VARCHAR(64) NOT NULL, 
	path TEXT NOT NULL, 
	hidden TEXT, 
	language VARCHAR(8) NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_folders PRIMARY KEY (id), 
	CONSTRAINT fk_folders_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
CREATE TABLE input_tables (
	input_digest VARCHAR(32) NOT NULL, 
	name VARCHAR(32) NOT NULL, 
	table_digest VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_input_tables PRIMARY KEY (input_digest, name), 
	CONSTRAINT fk_input_tables_input_digest FOREIGN KEY(input_digest) REFERENCES inputs (digest) ON DELETE CASCADE, 
	CONSTRAINT fk_input_tables_table_digest FOREIGN KEY(table_digest) REFERENCES tables (digest)
);
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','citizens','d7c3ac8b8d5d96a04c86cfd7324e6441');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','workplaces','7c6487beaa6557477495c3906c6b3f88');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','openings','e10a2a2684c138d5f7ac7de44ff4b5a1');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','teams','49da1d5b951426ff7c1c9bf6cc97e091');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','mentor_pools','84c9069fbe41ec5b6690bc119c022226');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','courses','7950b57aad11550b98e39bbd8e7292d4');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','caseworkers','a1808e976ba03243042a9f5bc359c0ec');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','places','ba87eccd92d6e621ac19f2268ef64a07');
INSERT INTO "input_tables" VALUES('0739c860b1c8bfab5ac322c14a7f2066','travel_times','da92079a83c67f1014f996d5cdfd3cca');
CREATE TABLE inputs (
	digest VARCHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	stored_at DATETIME NOT NULL, 
	dropped_at DATETIME, 
	forgotten INTEGER NOT NULL, 
	CONSTRAINT pk_inputs PRIMARY KEY (digest)
);
INSERT INTO "inputs" VALUES('0739c860b1c8bfab5ac322c14a7f2066','2026-11-23','2026-11-28 14:21:31.008345',NULL,0);
CREATE TABLE ledger_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT ledger_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "ledger_version" VALUES('0002');
CREATE TABLE log (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	facts JSON NOT NULL, 
	CONSTRAINT pk_log PRIMARY KEY (id)
);
CREATE TABLE placements (
	id INTEGER NOT NULL, 
	citizen_id VARCHAR(64) NOT NULL, 
	opening_id VARCHAR(64) NOT NULL, 
	measure VARCHAR(64) NOT NULL, 
	start DATE NOT NULL, 
	last_day DATE, 
	ended BOOLEAN NOT NULL, 
	team_id VARCHAR(64), 
	pool_id VARCHAR(64), 
	mentor_minutes INTEGER NOT NULL, 
	run_id VARCHAR(64), 
	CONSTRAINT pk_placements PRIMARY KEY (id), 
	CONSTRAINT fk_placements_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE SET NULL
);
CREATE TABLE policies (
	digest VARCHAR(32) NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_policies PRIMARY KEY (digest)
);
INSERT INTO "policies" VALUES('1bfa0555ef0c5d78','{"name": "denmark", "version": "2026.11", "on": "2026-11-23", "measures": {"ordinary": {"valid_from": "2022-01-01", "valid_to": null, "source": "aarhuskommuneerhverv.dk March 2022 (as many ordinary hours as possible)", "english": "Ordinary hours", "danish": "Ordin\u00e6re timer", "english_full": "Ordinary employment", "danish_full": "Ordin\u00e6r ans\u00e6ttelse", "english_part": "Part-time job (sm\u00e5job)", "danish_part": "Sm\u00e5job", "also": ["Ordin\u00e6re timer (sm\u00e5job)"], "pay": "wage", "law_english": "ordinary employment on the usual terms; no act of its own", "law_danish": "ans\u00e6ttelse p\u00e5 almindelige vilk\u00e5r; ingen s\u00e6rlig lov", "sectors": ["municipal", "regional", "private"], "categories": ["job_ready", "activity_ready", "openly_education_ready", "education_ready"], "evidence": {"municipal": 1000, "regional": 1000, "private": 1000}, "ordinary_hours": true, "weeks": {}, "weeks_integration_act": null, "weeks_used": null, "ratio_rule": false, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 0, "budget": null}, "wage_subsidy_private": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7\u00a7 61, 66-69 (elov.dk); star.dk VITAS; subsidy 86.16 DKK/h in 2023 (stadsrevisionen.dk), whole kroner, used for all years; order of evidence: kora.dk i7923", "english": "Private wage subsidy", "danish": "Privat l\u00f8ntilskud", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "subsidised", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 61 and 66-69", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 61 og 66-69", "sectors": ["private"], "categories": ["job_ready", "activity_ready", "education_ready"], "evidence": {"municipal": 0, "regional": 0, "private": 800}, "ordinary_hours": false, "weeks": {"job_ready": 26, "activity_ready": 26, "education_ready": 26}, "weeks_integration_act": 52, "weeks_used": "subsidy", "ratio_rule": true, "net_increase": true, "bars_last_employer": true, "prior_benefit": true, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 86, "budget": "wage_subsidy"}, "wage_subsidy_public": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7\u00a7 61, 66-69 (elov.dk); aarhus.dk l\u00f8ntilskud; subsidy 125.13 DKK/h in 2023 (stadsrevisionen.dk), whole kroner, used for all years. Page and law differ for job-ready in public posts (6 or 4 months): 4 is used", "english": "Public wage subsidy", "danish": "Offentligt l\u00f8ntilskud", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "subsidised", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 61 and 66-69", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 61 og 66-69", "sectors": ["municipal", "regional"], "categories": ["job_ready", "activity_ready", "education_ready"], "evidence": {"municipal": 350, "regional": 350, "private": 0}, "ordinary_hours": false, "weeks": {"job_ready": 17, "activity_ready": 26, "education_ready": 26}, "weeks_integration_act": 52, "weeks_used": "subsidy", "ratio_rule": true, "net_increase": false, "bars_last_employer": true, "prior_benefit": true, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 125, "budget": "wage_subsidy"}, "work_practice": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7\u00a7 57, 61 (elov.dk); aarhus.dk praktik: 4 weeks job-ready, 13 weeks others. The extensions after assessment (to 26 weeks, then 13 at a time) are left to the caseworker", "english": "Work practice", "danish": "Virksomhedspraktik", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "none", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 57 and 61", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 57 og 61", "sectors": ["municipal", "regional", "private"], "categories": ["job_ready", "activity_ready", "openly_education_ready", "education_ready"], "evidence": {"municipal": 350, "regional": 350, "private": 500}, "ordinary_hours": false, "weeks": {"job_ready": 4, "activity_ready": 13, "openly_education_ready": 13, "education_ready": 13}, "weeks_integration_act": null, "weeks_used": "practice", "ratio_rule": true, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 0, "budget": null}, "nytteindsats": {"valid_from": "2025-01-01", "valid_to": null, "source": "star.dk nytteindsats and arbejdspligt: duration limit and ratio rule abolished, the employer informs the shop steward; where it stands: LAB \u00a7\u00a7 82-88 and 105 a (act 1654 of 2024)", "english": "Community benefit work (nytteindsats)", "danish": "Nytteindsats", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "none", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 82-88 and, on the work duty, \u00a7 105 a", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 82-88 og, om arbejdspligt, \u00a7 105 a", "sectors": ["municipal", "regional"], "categories": ["job_ready", "activity_ready", "openly_education_ready", "education_ready"], "evidence": {"municipal": 250, "regional": 250, "private": 0}, "ordinary_hours": false, "weeks": {}, "weeks_integration_act": null, "weeks_used": "nytteindsats", "ratio_rule": false, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": true, "target_group": true, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 0, "budget": null}, "igu": {"valid_from": "2022-01-01", "valid_to": "2027-12-31", "source": "ug.dk IGU: 18-49 years, at most 20 years in Denmark, at least 25 h practice a week; cabiweb.dk: to 31 December 2027; tietgenskolen.dk: school one day a week", "english": "Integration training (IGU)", "danish": "Integrationsgrunduddannelse (IGU)", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "subsidised", "law_english": "the Act on Integration Training (lov om integrationsgrunduddannelse)", "law_danish": "lov om integrationsgrunduddannelse (igu)", "sectors": ["municipal", "regional", "private"], "categories": ["job_ready", "activity_ready", "education_ready"], "evidence": {"municipal": 750, "regional": 750, "private": 750}, "ordinary_hours": false, "weeks": {}, "weeks_integration_act": null, "weeks_used": null, "ratio_rule": false, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": false, "target_group": false, "age_min": 18, "age_max": 49, "refugee_or_reunified": true, "years_in_denmark_max": 20, "months_since_job_there": 3, "hours_min": 25.0, "school_hours": 7.5, "cost_per_hour": 0, "budget": null}}, "duty_week": {"valid_from": "2025-01-01", "valid_to": null, "source": "aarhus.dk arbejdspligt; borger.dk: up to 37 h a week; kl.dk: phase 1 on 1 January 2025, phase 2 on 1 July 2025", "hours": 37.0, "counts": ["job", "class", "treatment", "homework", "job search", "consultant meetings", "transport between activities"], "duty": true}, "prior_benefit": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7 69 (elov.dk): 6 months, waived without qualifying education, over 50, or single provider", "months": 6, "waived_without_education": true, "waived_over_age": 50, "waived_single_provider": true}, "ratio_rule": {"valid_from": "2022-01-01", "valid_to": null, "source": "cabiweb.dk rimelighedskravet: 1 per 5 ordinary employees up to 50, at least 1, then 1 per 10; star.dk VITAS counts full-time equivalents. dfdg.dk: people under the Integration Act are not tested but use a place; we test them too", "first_per": 5, "first_up_to": 50, "then_per": 10, "at_least": 1, "count": "headcount"}, "net_increase": {"valid_from": "2022-01-01", "valid_to": null, "source": "indberet.virk.dk l\u00f8ntilskud: last month against the mean of 12 months, per employer; oao.dk (Ankestyrelsen 2014): no post vacated by dismissal in 3 months, the representative signs", "missing_staff_figures": "refuse"}, "target_group": {"valid_from": "2025-07-01", "valid_to": null, "source": "as before; from 1 July 2025 the transition benefit became the minimum rate of cash assistance (aalborg.dk). The mapping of the routes is our reading", "benefits": ["transition", "minimum_rate"], "assistance_benefits": ["cash", "education", "minimum_rate", "basic_rate", "raised_rate"], "assistance_months_48": 36}, "hours_225": null, "childcare": {"valid_from": "2022-01-01", "valid_to": null, "source": "international.aarhus.dk: day care 6.30-16.30 Monday and Friday, 6.30-17.00 Tuesday to Thursday. Age and drop-off time: assumption", "child_under": 6, "open": "mon 06:30-16:30; tue-thu 06:30-17:00; fri 06:30-16:30", "drop_off_minutes": 10}, "odd_hours": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: early, evening, night and weekend, for single providers who have not said yes", "blocks": "mon-fri 00:00-06:00; mon-fri 18:00-24:00; sat-sun 00:00-24:00"}, "travel": {"valid_from": "2022-01-01", "valid_to": null, "source": "law: up to 3 hours a day (ugebreveta4.dk); lower limits, speeds and first bus: assumption", "hard_minutes": 90, "zero_points_minutes": 75, "full_points_minutes": 15, "share_of_day_percent": 25, "least_km": 0.0, "detour_percent": 130, "car_kmh": 40.0, "car_fixed_minutes": 5, "bicycle_kmh": 15.0, "bicycle_most_minutes": 45, "transit_kmh": 22.0, "transit_fixed_minutes": 12, "first_transit": "05:15", "buffer_minutes": 30}, "language": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: one level may be missing when a Danish class runs beside the job", "gap_with_class": 1, "classes_per_offer": 3}, "papers": {"valid_from": "2022-01-01", "valid_to": null, "source": "herlev.dk, bupl.dk: no start before the certificate is in; lead times: assumption", "days_when_missing": {"criminal_record": 14, "child_record": 21}, "days_when_pending": {"criminal_record": 7, "child_record": 10, "licence_b": 28, "licence_d": 42, "forklift": 7, "hygiene": 3, "first_aid": 2}, "course_papers": ["hygiene", "forklift", "first_aid"], "courses_per_offer": 4}, "start": {"valid_from": "2022-01-01", "valid_to": null, "source": "must be able to start with one day''s notice (elov.dk); the rest: assumption", "notice_days": 1, "longest_lead_days": 56, "fewest_hours": 2.0}, "workdays": {"valid_from": "2022-01-01", "valid_to": null, "source": "public holidays: the calendar library (no Great Prayer Day from 2024). Closed beside them: dansketandplejere.dk (municipalities: 24 December whole, 5 June and 1 May from noon), kost.dk (31 December from noon), di.dk (industry: 1 May, 5 June, 24 December); nobody begins on half a day: assumption. Shops: lukkeloven closes them on public holidays. What stays open: assumption", "without_shifts": ["mon", "tue", "wed", "thu", "fri"], "closed_also": ["05-01", "06-05", "12-24", "12-31"], "closed_occupations": ["522", "523", "9334"], "open_occupations": {"municipal": ["2221", "3221", "5321", "5322", "5329"], "regional": ["2221", "2222", "3221", "3222", "5321", "5329", "9112"], "private": ["5321", "5322", "5329", "5414", "8331"]}, "open_with_sunday": true}, "fit": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption, after the evidence in kora.dk i7923 and the caseworkers'' considerations", "floor": 0, "unstated_points": 500, "health_step_points": 300, "health_no_slack_points": 60, "language_oral_step_points": 300, "language_reading_step_points": 200, "commute_share_points": 250, "isco_points": [0, 250, 550, 800, 1000], "weights": {"measure": 25, "health": 15, "language": 12, "occupation": 12, "hours": 12, "commute": 8, "experience": 6, "prospect": 5, "hours_225": 5}}, "tiers": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: every suitable placement counts the same; changing or dropping a published proposal costs 100 points of fit", "priority_step_weeks": 0, "priority_most_steps": 4, "change_cost": 100}, "money": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: what is left this week; a municipality sets its own", "mentor_cost_per_hour": 320, "class_cost_per_week": 900, "budgets": {"wage_subsidy": 10000000, "mentors": 10000000, "classes": 10000000, "courses": 10000000}, "lines": {"mentor": "mentors", "class": "classes", "course": "courses"}}, "unlocking": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: what one change is and what it is taken to cost in all, staff included; a municipality sets its own. ug.dk, ltk.dk: a module of Danish takes about half a year", "steps": {"oral": 1, "reading": 1, "hours": 4, "day_hours": 1, "commute": 15, "care": 60, "mentor_hours": 1, "budget": 1000}, "costs": {"odd_hours": 500, "commute": 500, "bicycle": 2500, "paper": 3000, "measure": 4000, "caseload": 3000, "workplace_intake": 1500, "opening_seats": 5000, "course_seats": 2500, "team_seats": 12000, "mentor_hours": 8000, "budget": 26000, "care": 10000, "day_hours": 6000, "hours": 12000, "oral": 20000, "reading": 20000}, "papers": ["criminal_record", "child_record", "forklift", "hygiene", "first_aid"]}, "triage": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption, after the weights of fit: one step of a component (a level of Danish, a grade of health, a nearer field) moves one person''s fit by up to 60 points; the heaviest component gained or lost as a whole by 263", "close_points": 60, "sure_points": 300, "near_best_points": 1000}, "programme": {"valid_from": "2022-01-01", "valid_to": null, "source": "tv2ostjylland.dk: 500 in two years; reached 520 after one. Full-time hours: assumption, range 27-37; part-time members of an unemployment fund (deltidsforsikring) work at most 30 hours a week, OECD counts less than 30 as part-time", "target": 500, "weeks": 104, "full_time_hours": 30.0}, "checks": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption", "bad_rows_percent": 5.0, "bad_binding_rows_percent": 0.0, "aged_rows_percent": 50.0}, "retention": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: GDPR art. 5(1)(e) asks for no longer than needed and names no figure; the municipality sets its own after its impact assessment", "input_weeks": 13, "folder_weeks": 26, "person_weeks": 52, "run_weeks": 260}, "forbid_reasons": {"valid_from": "2022-01-01", "valid_to": null, "source": "neutral codes after what caseworkers may and may not write down (danish case worker studies); no free text. Weeks and what is barred: assumption", "codes": {"citizen_declined": {"english": "The citizen declined", "danish": "Borgeren takkede nej", "weeks": 26, "bars": "opening"}, "employer_declined": {"english": "The employer declined", "danish": "Arbejdsgiveren takkede nej", "weeks": 26, "bars": "workplace"}, "health_changed": {"english": "Health has changed", "danish": "Helbredet har \u00e6ndret sig", "weeks": 13, "bars": "opening"}, "hours_do_not_fit": {"english": "The hours do not fit", "danish": "Tiderne passer ikke", "weeks": 8, "bars": "opening"}, "care_at_home": {"english": "Care duties at home", "danish": "Omsorg i hjemmet", "weeks": 13, "bars": "opening"}, "seat_filled": {"english": "The seat is filled", "danish": "Pladsen er besat", "weeks": 4, "bars": "seat"}, "tried_before": {"english": "Tried before without success", "danish": "Pr\u00f8vet f\u00f8r uden held", "weeks": 52, "bars": "workplace"}, "other": {"english": "Other, known to the caseworker", "danish": "Andet, kendt af sagsbehandleren", "weeks": 13, "bars": "opening"}}}, "oversight": {"valid_from": "2022-01-01", "valid_to": null, "source": "AI Act art. 14 (automation bias) asks for oversight; the figures: assumption. No figure about one caseworker", "fewest": 5, "fewest_caseworkers": 2, "unseen_seconds": 10, "look_back_weeks": 26}, "unknown": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: nobody is sent to more than is known to be safe", "citizens": {"oral": 0, "reading": 0, "capacity_hours": 2, "capacity_hours_day": 2, "limit_lift": 0, "limit_stand": 0, "limit_bend": 0, "limit_reach": 0, "limit_hand": 0, "limit_push": 0, "limit_stair": 0, "limit_pace": 0, "limit_cog": 0, "limit_soc": 0, "limit_emo": 0, "limit_night": 0, "limit_skin": 0, "limit_env": 0, "limit_care": 0, "must_limits": ["lift", "stand", "bend", "reach", "hand", "push", "stair", "pace", "cog", "soc", "emo", "night", "skin", "env", "care"], "single_provider": true, "paper_criminal_record": "not_cleared", "paper_child_record": "not_cleared", "paper_licence_b": "missing", "paper_licence_d": "missing", "paper_forklift": "missing", "paper_hygiene": "missing", "paper_first_aid": "missing", "mentor_hours": 1}, "openings": {"hours_min": 37, "oral_floor": 6, "reading_floor": 6, "demand_lift": 3, "demand_stand": 3, "demand_bend": 3, "demand_reach": 3, "demand_hand": 3, "demand_push": 3, "demand_stair": 3, "demand_pace": 3, "demand_cog": 3, "demand_soc": 3, "demand_emo": 3, "demand_night": 3, "demand_skin": 3, "demand_env": 3, "demand_care": 3}}, "declared": {"citizens": {}, "openings": {}, "teams": {}}, "letter": {"valid_from": "2022-01-01", "valid_to": null, "source": "a municipality sets its own, e.g. contact = \"Jobcentret, tlf. 12 34 56 78, hverdage kl. 9-15\"", "contact": ""}, "group_floors": [{"column": "category", "value": "job_ready", "at_least": 1}], "overrides": ["fit.floor: 400 -> 0", "travel.least_km: 1.5 -> 0", "money.budgets.wage_subsidy: 260000 -> 10000000", "money.budgets.mentors: 60000 -> 10000000", "money.budgets.classes: 70000 -> 10000000", "money.budgets.courses: 40000 -> 10000000", "group_floors: [] -> [{''column'': ''category'', ''value'': ''job_ready'', ''at_least'':..."]}');
CREATE TABLE proposals (
	run_id VARCHAR(64) NOT NULL, 
	citizen_id VARCHAR(64) NOT NULL, 
	opening_id VARCHAR(64) NOT NULL, 
	workplace_id VARCHAR(64) NOT NULL, 
	measure VARCHAR(64) NOT NULL, 
	team_id VARCHAR(64), 
	pool_id VARCHAR(64), 
	mentor_minutes INTEGER NOT NULL, 
	course_ids JSON NOT NULL, 
	minutes INTEGER NOT NULL, 
	start DATE NOT NULL, 
	commute INTEGER, 
	fit INTEGER NOT NULL, 
	components JSON NOT NULL, 
	cost JSON NOT NULL, 
	reasons JSON NOT NULL, 
	trade_off JSON, 
	locked BOOLEAN NOT NULL, 
	caseworker_id VARCHAR(64), 
	unit VARCHAR(100) NOT NULL, 
	CONSTRAINT pk_proposals PRIMARY KEY (run_id, citizen_id), 
	CONSTRAINT fk_proposals_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
INSERT INTO "proposals" VALUES('2026-11-23-0739c860','C1','O2','W1','ordinary',NULL,NULL,0,'[]',1200,'2026-11-24',20,819,'{"measure": 1000, "health": 1000, "language": 1000, "occupation": 500, "hours": 540, "commute": 916, "experience": 1000, "prospect": 0, "hours_225": 0}','{}','[{"component": "measure", "points": 1000, "adds": 263, "lacks": 0, "facts": {"measure": "ordinary", "sector": "municipal", "minutes": 1200}}, {"component": "health", "points": 1000, "adds": 157, "lacks": 0, "facts": {"over": "", "tight": ""}}, {"component": "language", "points": 1000, "adds": 126, "lacks": 0, "facts": {"oral": 6, "oral_floor": 0, "reading": 6, "reading_floor": 0, "team": ""}}]','null',0,'K1','North');
INSERT INTO "proposals" VALUES('2026-11-23-0739c860','C2','O2','W1','ordinary',NULL,'P1',120,'[]',1200,'2026-11-24',20,787,'{"measure": 1000, "health": 1000, "language": 1000, "occupation": 500, "hours": 540, "commute": 916, "experience": 500, "prospect": 0, "hours_225": 0}','{"mentors": 640}','[{"component": "measure", "points": 1000, "adds": 263, "lacks": 0, "facts": {"measure": "ordinary", "sector": "municipal", "minutes": 1200}}, {"component": "health", "points": 1000, "adds": 157, "lacks": 0, "facts": {"over": "", "tight": ""}}, {"component": "language", "points": 1000, "adds": 126, "lacks": 0, "facts": {"oral": 2, "oral_floor": 0, "reading": 6, "reading_floor": 0, "team": ""}}]','null',0,NULL,'');
INSERT INTO "proposals" VALUES('2026-11-23-0739c860','C3','O3','W1','ordinary',NULL,NULL,0,'["K1"]',1200,'2026-11-24',20,787,'{"measure": 1000, "health": 1000, "language": 1000, "occupation": 500, "hours": 540, "commute": 916, "experience": 500, "prospect": 0, "hours_225": 0}','{}','[{"component": "measure", "points": 1000, "adds": 263, "lacks": 0, "facts": {"measure": "ordinary", "sector": "municipal", "minutes": 1200}}, {"component": "health", "points": 1000, "adds": 157, "lacks": 0, "facts": {"over": "", "tight": ""}}, {"component": "language", "points": 1000, "adds": 126, "lacks": 0, "facts": {"oral": 6, "oral_floor": 0, "reading": 6, "reading_floor": 0, "team": ""}}]','null',0,NULL,'');
CREATE TABLE resources (
	run_id VARCHAR(64) NOT NULL, 
	rule VARCHAR(32) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	unit VARCHAR(16) NOT NULL, 
	used BIGINT NOT NULL, 
	capacity BIGINT NOT NULL, 
	binding BOOLEAN NOT NULL, 
	price FLOAT, 
	price_placements FLOAT, 
	CONSTRAINT pk_resources PRIMARY KEY (run_id, rule, "key"), 
	CONSTRAINT fk_resources_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','opening_seats','O1','places',0,1,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','opening_seats','O2','places',2,2,1,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','opening_seats','O3','places',1,1,1,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','workplace_ratio','W1','places',0,4,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','mentor_hours','P1','minutes',120,180,1,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','team_seats','L1','places',0,1,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','course_seats','K1','places',1,1,1,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','budget','classes','dkk',0,10000000,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','budget','courses','dkk',0,10000000,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','budget','mentors','dkk',640,10000000,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','budget','wage_subsidy','dkk',0,10000000,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','caseload','K1','places',1,5,0,0.0,0.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','workplace_intake','W1','places',3,3,1,787.0,1.0);
INSERT INTO "resources" VALUES('2026-11-23-0739c860','group_floor','category=job_ready','places',1,1,1,0.0,0.0);
CREATE TABLE runs (
	run_id VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	day DATE NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	input_digest VARCHAR(32) NOT NULL, 
	outcome_digest VARCHAR(32) NOT NULL, 
	policy_digest VARCHAR(32) NOT NULL, 
	policy JSON NOT NULL, 
	options JSON NOT NULL, 
	versions JSON NOT NULL, 
	engine JSON NOT NULL, 
	address TEXT NOT NULL, 
	made_up BOOLEAN NOT NULL, 
	termination VARCHAR(16) NOT NULL, 
	proven BOOLEAN NOT NULL, 
	tiers JSON NOT NULL, 
	times JSON NOT NULL, 
	citizens INTEGER NOT NULL, 
	placed INTEGER NOT NULL, 
	unplaced INTEGER NOT NULL, 
	causes JSON NOT NULL, 
	issues JSON NOT NULL, 
	repeats INTEGER NOT NULL, 
	forgotten INTEGER NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (run_id), 
	CONSTRAINT fk_runs_policy_digest FOREIGN KEY(policy_digest) REFERENCES policies (digest), 
	CONSTRAINT uq_runs_number UNIQUE (number)
);
INSERT INTO "runs" VALUES('2026-11-23-0739c860',1,'2026-11-23','2026-11-28 14:21:31.008345','0739c860b1c8bfab5ac322c14a7f2066','e9a7355d33ef6c5b959258196d0daca6','1bfa0555ef0c5d78','{"name": "denmark", "version": "2026.11", "digest": "1bfa0555ef0c5d78", "overrides": ["fit.floor: 400 -> 0", "travel.least_km: 1.5 -> 0", "money.budgets.wage_subsidy: 260000 -> 10000000", "money.budgets.mentors: 60000 -> 10000000", "money.budgets.classes: 70000 -> 10000000", "money.budgets.courses: 40000 -> 10000000", "group_floors: [] -> [{''column'': ''category'', ''value'': ''job_ready'', ''at_least'':..."], "file": ""}','{"seconds": null, "work": null, "gap": 0.0, "seed": 0, "workers": 1, "method": "auto", "switches": {"tighten": true, "cuts": true, "fixing": true, "neighbourhood": true}}','{"jobmatch": "0.1.0", "ortools": "9.15.6755", "numpy": "2.4.6", "scipy": "1.17.1", "pandas": "3.1.1", "python": "3.11.7"}','{"method": "direct", "steps": [], "counts": {}, "program_digest": "7c066a87440cbede9fe33add05d5f8d8d5f7d78f01241a1b905413095c370d84"}','tables',0,'optimal',1,'[{"name": "placements", "value": 3, "bound": 3, "gap": 0.0, "proven": true}, {"name": "fit", "value": 2393, "bound": 2393, "gap": 0.0, "proven": true}, {"name": "tie_break", "value": 2304, "bound": 2304, "gap": 0.0, "proven": true}]','{"phase_times": {"offers": 0.5279, "formulate": 0.0622, "solve": 0.1691}, "run_times": {"read": 0.1}, "engine": {"phase_times": {"reduce": 0.0003, "flow": 0.0, "direct": 0.1677}}}',5,3,2,'{"resource": 2}','{"total": 0, "errors": 0, "warnings": 0, "rows_put_aside": 0, "put_aside_by_table": {}, "by_code": []}',0,0);
CREATE TABLE seats_given (
	run_id VARCHAR(64) NOT NULL, 
	opening_id VARCHAR(64) NOT NULL, 
	seats INTEGER NOT NULL, 
	CONSTRAINT pk_seats_given PRIMARY KEY (run_id, opening_id), 
	CONSTRAINT fk_seats_given_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
CREATE TABLE tables (
	digest VARCHAR(32) NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_tables PRIMARY KEY (digest)
);
INSERT INTO "tables" VALUES('d7c3ac8b8d5d96a04c86cfd7324e6441',X'789CED574B8FDB3610DE6D73EC8F58E8BC08EC7DE571CD25407E400F4540D0E4589A9A0F85A4ECA88BFDEDED50BB40AB9120D33116EDA1035090ED6F38C3E1370FFFFACBC5208FD5D6075B7DBC5A5F5F55C11F22BDDED3ABF2A6B32E7FFAEDB172D202BD550A13FE014EA0AE08B297A68301517D5AE72F3EDD0CCFDBE179373CEFABAF4FD757FFD84126A87DE899BE5409F7987A1140EAE1C7DFFDE6E5C378830D38D86262FA3E35101852D63046DDDE8F01E8C89720137A27C88131782B4D84313EC0B6AB01840FE459E7708BA08F2AF5204314E884066765D88D15C6D898648EC0B70E0358704958605EA5D0B1FD0F3EEC4ED57989A1B0DEA5268ED12B16C41891DC720A5ED0E2EEFDA2424B1AA045AB6F8E79A1BC6D0D2402D32568783886FFD64983DB1E5D2D40776AB8B7633A3E687432F4A2F11D5DC3FAC62EC5FF00B08BE22089E5AE5E3CA50FD28C010FD757379C2E524FF679E0E9D04A95793FF8C7E8FAEEED6A092DB46469B47EE01A41DA766EEF15071AB444088A2F23CFED1C2C134217E0886725300A946A0A704D99D5B68B25BBD12130946C2715AF237330E5EB12A35E15A0C0FA0294C3BA29BAAD1DBA12A36E5F724C1996A361BB9879445846B96AD20902888DF16A770498881F69286D256865A8001521879E5184EC7DE76AA073A9060DA3204BFA48196F40B4C1EF5103E3D74C7B6865488EDC50D2CDC4764681923942E38D9E36E1CF6BDE0195823645E1B59E2B02B3EEB4D99940F7E7A4A1CC54544199198B319FB29AD5CC013A5DCDA082DC62363FA0738A1D1A7576D31AB7A8D2F43552BB3CC50806A28A9C5CCFBC4E26360D14F3359A7A0A2FD4F09D6C603E39DBFEC37A3DB45CB6FF01630347F89D079B48645846B53E26E535B7FB7EB55AF133D170A4B0A5769D5887625C963193FE38E709B741D52B733C3FACFC4EB5D8DA2EC19269B99768E48652751BFCE25040F52457E4D6F89EE733B3FC3C1FD11D132B697C5DC2B6214FBC847B1E3928A5F5E4F25961E93611755FAEE0FA94009D8E922A40B1969211F248493C9E10F80BAF2F9DDB397F7053DA7C7DCA7F2D2E69FD44EB675A6F2EFE96CB8BD7933F67E415CD9D2CA7F8F79A71FA5FFE7BC2F9700A77CFD1FD37658EE3976C9D23E7D48339DD73E4CCA34CFC99C3FC05E603ACAE');
INSERT INTO "tables" VALUES('7c6487beaa6557477495c3906c6b3f88',X'789C85D1C16AC3300C06E0B227093EF790A497B1FB9E61B0118C7094D6C4B68CEC34949267DFDC30E8A2D14D17DBF8FB85B1DE9F766B5DD540ECD54BD5EC2BC534A7EFAD2137F9703B7D5C55008F65A766E2313A30A86DAF0A3A839B7035EAAD51DDB2AFEE167D747441FE4D5F255DD7AD1122A1C9C4C2F829586323388123A56CA8972D9FDBBA1692B8B701F8A2538661D8FAB67E60872C3A8BA7DE5A6907296B4F219FFEB71E21E8A6F57FC9DE266F53C25E1F841BC025DC62C6C8983064C8F68C1A8E8CC56E52992711A27C2AC3E21221BDCE5824C477D8D27D441D4B66461CB7F6D02DDDB27B509F3F4ADE7D016C56CD3A');
INSERT INTO "tables" VALUES('e10a2a2684c138d5f7ac7de44ff4b5a1',X'789CD595C16EDB300C409B1DF61D81CEED6027D821DD47F4B8C31008AC4CDB82255190ED6641916FDF2463C66A26F5D4E3085896E42752A444FAF0F96E92575153B0E2715BDE6F45A0531FBBFBD8556446EBD2E8C7AB706031F6047974DA35525722222F60469C08F154A689A7DDD4EEC5F172BFFDBBEA44A1F306145EAFFB5E3276D08341063144F78A187128CB1DA37A84A15F62D1C3DD126A690CBDB4DA31B0F852DC04E1E712DC5D8101AC9727C48ED96658DFEA9A6F4F58720F75D0DBE2F058140FE53EB68998A7CBAFD374FAC87CF5E3B3D14AB664740567A696191E200CB20E64FF4D0DB4C65000236B43149654BC3C3C260855BA353760461A70CD080DCA06BCA48E9DCA92ADD082ABA489815CD5F9878B2EB92A077CC63C2E7AA5DA1CB0CD34ECC73E4B5FF444AF87715618532E8753D464D9259583A1A51CCCE9A6CD3BB88EA7E73B76DD4B96B310D683E2C163E0A99986EDB9D1E890E59E45E8C7807C018578E5219CD3F4DCFF960AA1F401D4A0D5B51E37509053A161FBE335C607EA3DAAF5E8A52CBA2A6C37105ED296C8E83A4727C7A371BC1C2FE9E7B189CFA7BB7CD97C807DCBFFCA9099BF65E32DF3BFCA86BDDF93B5F8CCF21BDB4532DE');
INSERT INTO "tables" VALUES('49da1d5b951426ff7c1c9bf6cc97e091',X'789C75CFC10A83300C0660F726256707ED4544D81BEC0D864857230C5B236DD583F4D9B74E06A3BAFD8792922F905C4ED996153AB2062A2672069616F72915E9C90CEFDF6D85411A8C157894A679B410FBB3D4136E6DB80AA843CEBE4CE38CBAE92C9954F25FCC538A8A143994DEA542A4E2AE49F53B028606268A8AF3B328E3BB5B7024E715B5B81B2AF9412E64FB514B8587B3EB5087EC4F9E312F4EE46450');
INSERT INTO "tables" VALUES('84c9069fbe41ec5b6690bc119c022226',X'789CDBC70001D54A69F945B94A560A863A0A4A45F9E5C55066727E4E696E1E88175DAD9497989B0A642915E4E7E7C467A62801E5CB12734A53C1D24A01864AB1B53A0A086519F9A545C5A88A8CF50C50D594E7176517E42426A7629887AA2EB7342F3339B3203127B3A4125D5D6C2DD4130CFFA10000E56743CC');
INSERT INTO "tables" VALUES('7950b57aad11550b98e39bbd8e7292d4',X'789C7BC90001D54A69F945B94A560A863A0A4A45F9E5C55066727E4E696E1E88175DAD9497989B0A6401054B8B8A53E3335394802ACA12734A53C10A94BC0D95626B7514100A0B120B528BD0146554A667A6E6A5A2A92C4E4D2C2946556988AAA2283531A5323E3F0FCD38230323335D43435D2363341393F38B4B50D51AC4D6C6D63260010091E946FB');
INSERT INTO "tables" VALUES('a1808e976ba03243042a9f5bc359c0ec',X'789C9BC30001D54A69F945B94A560A863A0A4A45F9E5C55066727E4E696E1E88175DAD9497989B0A6429252716A796E71765A716C567A62801559525E694A6821529791B2AC5D6EA28202B2E484CCE2CA94455678AAAA8342FB304CD20BFFCA2920CA059B1B50C48000050AB30F4');
INSERT INTO "tables" VALUES('ba87eccd92d6e621ac19f2268ef64a07',X'789CE3626400836AA5B4FCA25C252B05431D05A5A2FCF26220D318C84CCECF29CDCD03F1A2AB95F2127353812CA582FCE292E4FC945425A082B2C49CD254B0BC928581810148C8C2084A1B03E9D85A1D05844E308DAACB31B128A3B458C119240C65FB81D8FE2929A94568DA73124B324B4AD12D3635D33334D55100511640CA54CFD21C4D5B7E5E3A167D86067A463A0A4012A40D4499C6D6C6D682420314284C908021C8060035D54A72');
INSERT INTO "tables" VALUES('da92079a83c67f1014f996d5cdfd3cca',X'789CBBCB0001D54A69F945B94A560A863A0A4A45F9E5C540A61190999C9F539A9B07E245572BE525E6A602594A6945F9B9F105F9C525C9F929A94A4055658939A5A960454A1606060620210B23201D5BABA380D056928F53931154930186A65C4CD525458979C59925E80A33F34A4B802A50D41A19C4D6C6D6823CC808F5288C4606005B1342B5');
CREATE TABLE unplaced (
	run_id VARCHAR(64) NOT NULL, 
	citizen_id VARCHAR(64) NOT NULL, 
	cause VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_unplaced PRIMARY KEY (run_id, citizen_id), 
	CONSTRAINT fk_unplaced_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
INSERT INTO "unplaced" VALUES('2026-11-23-0739c860','C4','resource');
INSERT INTO "unplaced" VALUES('2026-11-23-0739c860','C5','resource');
CREATE INDEX ix_events_citizen_id ON events (citizen_id);
CREATE INDEX ix_events_day ON events (day);
CREATE INDEX ix_input_tables_table_digest ON input_tables (table_digest);
CREATE INDEX ix_runs_day ON runs (day);
CREATE INDEX ix_runs_input_digest ON runs (input_digest);
CREATE INDEX ix_decisions_citizen_id ON decisions (citizen_id, opening_id);
CREATE INDEX ix_decisions_decided_at ON decisions (decided_at);
CREATE INDEX ix_decisions_run_id ON decisions (run_id);
CREATE INDEX ix_decisions_standing ON decisions (until) WHERE standing;
CREATE INDEX ix_folders_run_id ON folders (run_id);
CREATE INDEX ix_placements_last_day ON placements (last_day);
CREATE UNIQUE INDEX uq_placements_citizen_id ON placements (citizen_id, opening_id, start);
CREATE INDEX ix_proposals_citizen_id ON proposals (citizen_id);
CREATE INDEX ix_unplaced_citizen_id ON unplaced (citizen_id);
COMMIT;
