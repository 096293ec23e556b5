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
INSERT INTO "decisions" VALUES(1,'2026-11-23-ef2b2c30','C1','O1','accept',NULL,'Nord','2026-11-24 09:30:00.000000',NULL,NULL,NULL,'2026-11-28 17:40:24.874431',1,1,NULL,NULL);
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
INSERT INTO "input_tables" VALUES('ef2b2c30b1558fb73fe11ab147c61ddf','citizens','338e4d229fe0733ebec280a7fe5bfedf');
INSERT INTO "input_tables" VALUES('ef2b2c30b1558fb73fe11ab147c61ddf','workplaces','edf7fe81f4817c9a8eb77dcc047a0945');
INSERT INTO "input_tables" VALUES('ef2b2c30b1558fb73fe11ab147c61ddf','openings','a37032e06605242ec8851b556c06fdcd');
INSERT INTO "input_tables" VALUES('ef2b2c30b1558fb73fe11ab147c61ddf','places','ba87eccd92d6e621ac19f2268ef64a07');
INSERT INTO "input_tables" VALUES('ef2b2c30b1558fb73fe11ab147c61ddf','travel_times','da92079a83c67f1014f996d5cdfd3cca');
CREATE TABLE inputs (
	digest VARCHAR(32) NOT NULL, 
	day DATE NOT NULL, 
	stored_at DATETIME NOT NULL, 
	dropped_at DATETIME, 
	forgotten INTEGER NOT NULL, 
	CONSTRAINT pk_inputs PRIMARY KEY (digest)
);
INSERT INTO "inputs" VALUES('ef2b2c30b1558fb73fe11ab147c61ddf','2026-11-23','2026-11-28 17:40:24.068438',NULL,0);
CREATE TABLE ledger_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT ledger_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "ledger_version" VALUES('0003');
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
INSERT INTO "policies" VALUES('70dda9a97105276f','{"name": "denmark", "version": "2026.11", "on": "2026-11-23", "measures": {"ordinary": {"valid_from": "2022-01-01", "valid_to": null, "source": "aarhuskommuneerhverv.dk March 2022 (as many ordinary hours as possible)", "english": "Ordinary hours", "danish": "Ordin\u00e6re timer", "english_full": "Ordinary employment", "danish_full": "Ordin\u00e6r ans\u00e6ttelse", "english_part": "Part-time job (sm\u00e5job)", "danish_part": "Sm\u00e5job", "also": ["Ordin\u00e6re timer (sm\u00e5job)"], "pay": "wage", "law_english": "ordinary employment on the usual terms; no act of its own", "law_danish": "ans\u00e6ttelse p\u00e5 almindelige vilk\u00e5r; ingen s\u00e6rlig lov", "sectors": ["municipal", "regional", "private"], "categories": ["job_ready", "activity_ready", "openly_education_ready", "education_ready"], "evidence": {"municipal": 1000, "regional": 1000, "private": 1000}, "ordinary_hours": true, "weeks": {}, "weeks_integration_act": null, "weeks_used": null, "ratio_rule": false, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 0, "budget": null}, "wage_subsidy_private": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7\u00a7 61, 66-69 (elov.dk); star.dk VITAS; subsidy 86.16 DKK/h in 2023 (stadsrevisionen.dk), whole kroner, used for all years; order of evidence: kora.dk i7923", "english": "Private wage subsidy", "danish": "Privat l\u00f8ntilskud", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "subsidised", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 61 and 66-69", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 61 og 66-69", "sectors": ["private"], "categories": ["job_ready", "activity_ready", "education_ready"], "evidence": {"municipal": 0, "regional": 0, "private": 800}, "ordinary_hours": false, "weeks": {"job_ready": 26, "activity_ready": 26, "education_ready": 26}, "weeks_integration_act": 52, "weeks_used": "subsidy", "ratio_rule": true, "net_increase": true, "bars_last_employer": true, "prior_benefit": true, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 86, "budget": "wage_subsidy"}, "wage_subsidy_public": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7\u00a7 61, 66-69 (elov.dk); aarhus.dk l\u00f8ntilskud; subsidy 125.13 DKK/h in 2023 (stadsrevisionen.dk), whole kroner, used for all years. Page and law differ for job-ready in public posts (6 or 4 months): 4 is used", "english": "Public wage subsidy", "danish": "Offentligt l\u00f8ntilskud", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "subsidised", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 61 and 66-69", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 61 og 66-69", "sectors": ["municipal", "regional"], "categories": ["job_ready", "activity_ready", "education_ready"], "evidence": {"municipal": 350, "regional": 350, "private": 0}, "ordinary_hours": false, "weeks": {"job_ready": 17, "activity_ready": 26, "education_ready": 26}, "weeks_integration_act": 52, "weeks_used": "subsidy", "ratio_rule": true, "net_increase": false, "bars_last_employer": true, "prior_benefit": true, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 125, "budget": "wage_subsidy"}, "work_practice": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7\u00a7 57, 61 (elov.dk); aarhus.dk praktik: 4 weeks job-ready, 13 weeks others. The extensions after assessment (to 26 weeks, then 13 at a time) are left to the caseworker", "english": "Work practice", "danish": "Virksomhedspraktik", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "none", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 57 and 61", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 57 og 61", "sectors": ["municipal", "regional", "private"], "categories": ["job_ready", "activity_ready", "openly_education_ready", "education_ready"], "evidence": {"municipal": 350, "regional": 350, "private": 500}, "ordinary_hours": false, "weeks": {"job_ready": 4, "activity_ready": 13, "openly_education_ready": 13, "education_ready": 13}, "weeks_integration_act": null, "weeks_used": "practice", "ratio_rule": true, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": false, "target_group": false, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 0, "budget": null}, "nytteindsats": {"valid_from": "2025-01-01", "valid_to": null, "source": "star.dk nytteindsats and arbejdspligt: duration limit and ratio rule abolished, the employer informs the shop steward; where it stands: LAB \u00a7\u00a7 82-88 and 105 a (act 1654 of 2024)", "english": "Community benefit work (nytteindsats)", "danish": "Nytteindsats", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "none", "law_english": "the Act on Active Employment Measures (lov om en aktiv besk\u00e6ftigelsesindsats, LAB) \u00a7\u00a7 82-88 and, on the work duty, \u00a7 105 a", "law_danish": "lov om en aktiv besk\u00e6ftigelsesindsats (LAB) \u00a7\u00a7 82-88 og, om arbejdspligt, \u00a7 105 a", "sectors": ["municipal", "regional"], "categories": ["job_ready", "activity_ready", "openly_education_ready", "education_ready"], "evidence": {"municipal": 250, "regional": 250, "private": 0}, "ordinary_hours": false, "weeks": {}, "weeks_integration_act": null, "weeks_used": "nytteindsats", "ratio_rule": false, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": true, "target_group": true, "age_min": null, "age_max": null, "refugee_or_reunified": false, "years_in_denmark_max": null, "months_since_job_there": null, "hours_min": 0.0, "school_hours": 0.0, "cost_per_hour": 0, "budget": null}, "igu": {"valid_from": "2022-01-01", "valid_to": "2027-12-31", "source": "ug.dk IGU: 18-49 years, at most 20 years in Denmark, at least 25 h practice a week; cabiweb.dk: to 31 December 2027; tietgenskolen.dk: school one day a week", "english": "Integration training (IGU)", "danish": "Integrationsgrunduddannelse (IGU)", "english_full": "", "danish_full": "", "english_part": "", "danish_part": "", "also": [], "pay": "subsidised", "law_english": "the Act on Integration Training (lov om integrationsgrunduddannelse)", "law_danish": "lov om integrationsgrunduddannelse (igu)", "sectors": ["municipal", "regional", "private"], "categories": ["job_ready", "activity_ready", "education_ready"], "evidence": {"municipal": 750, "regional": 750, "private": 750}, "ordinary_hours": false, "weeks": {}, "weeks_integration_act": null, "weeks_used": null, "ratio_rule": false, "net_increase": false, "bars_last_employer": false, "prior_benefit": false, "representative": false, "target_group": false, "age_min": 18, "age_max": 49, "refugee_or_reunified": true, "years_in_denmark_max": 20, "months_since_job_there": 3, "hours_min": 25.0, "school_hours": 7.5, "cost_per_hour": 0, "budget": null}}, "duty_week": {"valid_from": "2025-01-01", "valid_to": null, "source": "aarhus.dk arbejdspligt; borger.dk: up to 37 h a week; kl.dk: phase 1 on 1 January 2025, phase 2 on 1 July 2025", "hours": 37.0, "counts": ["job", "class", "treatment", "homework", "job search", "consultant meetings", "transport between activities"], "duty": true}, "prior_benefit": {"valid_from": "2022-01-01", "valid_to": null, "source": "LAB \u00a7 69 (elov.dk): 6 months, waived without qualifying education, over 50, or single provider", "months": 6, "waived_without_education": true, "waived_over_age": 50, "waived_single_provider": true}, "ratio_rule": {"valid_from": "2022-01-01", "valid_to": null, "source": "cabiweb.dk rimelighedskravet: 1 per 5 ordinary employees up to 50, at least 1, then 1 per 10; star.dk VITAS counts full-time equivalents. dfdg.dk: people under the Integration Act are not tested but use a place; we test them too", "first_per": 5, "first_up_to": 50, "then_per": 10, "at_least": 1, "count": "headcount"}, "net_increase": {"valid_from": "2022-01-01", "valid_to": null, "source": "indberet.virk.dk l\u00f8ntilskud: last month against the mean of 12 months, per employer; oao.dk (Ankestyrelsen 2014): no post vacated by dismissal in 3 months, the representative signs", "missing_staff_figures": "refuse"}, "target_group": {"valid_from": "2025-07-01", "valid_to": null, "source": "as before; from 1 July 2025 the transition benefit became the minimum rate of cash assistance (aalborg.dk). The mapping of the routes is our reading", "benefits": ["transition", "minimum_rate"], "assistance_benefits": ["cash", "education", "minimum_rate", "basic_rate", "raised_rate"], "assistance_months_48": 36}, "hours_225": null, "childcare": {"valid_from": "2022-01-01", "valid_to": null, "source": "international.aarhus.dk: day care 6.30-16.30 Monday and Friday, 6.30-17.00 Tuesday to Thursday. Age and drop-off time: assumption", "child_under": 6, "open": "mon 06:30-16:30; tue-thu 06:30-17:00; fri 06:30-16:30", "drop_off_minutes": 10}, "odd_hours": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: early, evening, night and weekend, for single providers who have not said yes", "blocks": "mon-fri 00:00-06:00; mon-fri 18:00-24:00; sat-sun 00:00-24:00"}, "travel": {"valid_from": "2022-01-01", "valid_to": null, "source": "law: up to 3 hours a day (ugebreveta4.dk); lower limits, speeds and first bus: assumption", "hard_minutes": 90, "zero_points_minutes": 75, "full_points_minutes": 15, "share_of_day_percent": 25, "least_km": 0.0, "detour_percent": 130, "car_kmh": 40.0, "car_fixed_minutes": 5, "bicycle_kmh": 15.0, "bicycle_most_minutes": 45, "transit_kmh": 22.0, "transit_fixed_minutes": 12, "first_transit": "05:15", "buffer_minutes": 30}, "language": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: one level may be missing when a Danish class runs beside the job", "gap_with_class": 1, "classes_per_offer": 3}, "papers": {"valid_from": "2022-01-01", "valid_to": null, "source": "herlev.dk, bupl.dk: no start before the certificate is in; lead times: assumption", "days_when_missing": {"criminal_record": 14, "child_record": 21}, "days_when_pending": {"criminal_record": 7, "child_record": 10, "licence_b": 28, "licence_d": 42, "forklift": 7, "hygiene": 3, "first_aid": 2}, "course_papers": ["hygiene", "forklift", "first_aid"], "courses_per_offer": 4}, "start": {"valid_from": "2022-01-01", "valid_to": null, "source": "must be able to start with one day''s notice (elov.dk); the rest: assumption", "notice_days": 1, "longest_lead_days": 56, "fewest_hours": 2.0}, "workdays": {"valid_from": "2022-01-01", "valid_to": null, "source": "public holidays: the calendar library (no Great Prayer Day from 2024). Closed beside them: dansketandplejere.dk (municipalities: 24 December whole, 5 June and 1 May from noon), kost.dk (31 December from noon), di.dk (industry: 1 May, 5 June, 24 December); nobody begins on half a day: assumption. Shops: lukkeloven closes them on public holidays. What stays open: assumption", "without_shifts": ["mon", "tue", "wed", "thu", "fri"], "closed_also": ["05-01", "06-05", "12-24", "12-31"], "closed_occupations": ["522", "523", "9334"], "open_occupations": {"municipal": ["2221", "3221", "5321", "5322", "5329"], "regional": ["2221", "2222", "3221", "3222", "5321", "5329", "9112"], "private": ["5321", "5322", "5329", "5414", "8331"]}, "open_with_sunday": true}, "fit": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption, after the evidence in kora.dk i7923 and the caseworkers'' considerations", "floor": 0, "unstated_points": 500, "health_step_points": 300, "health_no_slack_points": 60, "language_oral_step_points": 300, "language_reading_step_points": 200, "commute_share_points": 250, "isco_points": [0, 250, 550, 800, 1000], "weights": {"measure": 25, "health": 15, "language": 12, "occupation": 12, "hours": 12, "commute": 8, "experience": 6, "prospect": 5, "hours_225": 5}}, "tiers": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: every suitable placement counts the same; changing or dropping a published proposal costs 100 points of fit", "priority_step_weeks": 0, "priority_most_steps": 4, "change_cost": 100}, "money": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: what is left this week; a municipality sets its own", "mentor_cost_per_hour": 320, "class_cost_per_week": 900, "budgets": {"wage_subsidy": 10000000, "mentors": 10000000, "classes": 10000000, "courses": 10000000}, "lines": {"mentor": "mentors", "class": "classes", "course": "courses"}}, "unlocking": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: what one change is and what it is taken to cost in all, staff included; a municipality sets its own. ug.dk, ltk.dk: a module of Danish takes about half a year", "steps": {"oral": 1, "reading": 1, "hours": 4, "day_hours": 1, "commute": 15, "care": 60, "mentor_hours": 1, "budget": 1000}, "costs": {"odd_hours": 500, "commute": 500, "bicycle": 2500, "paper": 3000, "measure": 4000, "caseload": 3000, "workplace_intake": 1500, "opening_seats": 5000, "course_seats": 2500, "team_seats": 12000, "mentor_hours": 8000, "budget": 26000, "care": 10000, "day_hours": 6000, "hours": 12000, "oral": 20000, "reading": 20000}, "papers": ["criminal_record", "child_record", "forklift", "hygiene", "first_aid"]}, "triage": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption, after the weights of fit: one step of a component (a level of Danish, a grade of health, a nearer field) moves one person''s fit by up to 60 points; the heaviest component gained or lost as a whole by 263", "close_points": 60, "sure_points": 300, "near_best_points": 1000}, "programme": {"valid_from": "2022-01-01", "valid_to": null, "source": "tv2ostjylland.dk: 500 in two years; reached 520 after one. Full-time hours: assumption, range 27-37; part-time members of an unemployment fund (deltidsforsikring) work at most 30 hours a week, OECD counts less than 30 as part-time", "target": 500, "weeks": 104, "full_time_hours": 30.0}, "checks": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption", "bad_rows_percent": 5.0, "bad_binding_rows_percent": 0.0, "aged_rows_percent": 50.0}, "retention": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: GDPR art. 5(1)(e) asks for no longer than needed and names no figure; the municipality sets its own after its impact assessment", "input_weeks": 13, "folder_weeks": 26, "person_weeks": 52, "run_weeks": 260}, "forbid_reasons": {"valid_from": "2022-01-01", "valid_to": null, "source": "neutral codes after what caseworkers may and may not write down (danish case worker studies); no free text. Weeks and what is barred: assumption", "codes": {"citizen_declined": {"english": "The citizen declined", "danish": "Borgeren takkede nej", "weeks": 26, "bars": "opening"}, "employer_declined": {"english": "The employer declined", "danish": "Arbejdsgiveren takkede nej", "weeks": 26, "bars": "workplace"}, "health_changed": {"english": "Health has changed", "danish": "Helbredet har \u00e6ndret sig", "weeks": 13, "bars": "opening"}, "hours_do_not_fit": {"english": "The hours do not fit", "danish": "Tiderne passer ikke", "weeks": 8, "bars": "opening"}, "care_at_home": {"english": "Care duties at home", "danish": "Omsorg i hjemmet", "weeks": 13, "bars": "opening"}, "seat_filled": {"english": "The seat is filled", "danish": "Pladsen er besat", "weeks": 4, "bars": "seat"}, "tried_before": {"english": "Tried before without success", "danish": "Pr\u00f8vet f\u00f8r uden held", "weeks": 52, "bars": "workplace"}, "other": {"english": "Other, known to the caseworker", "danish": "Andet, kendt af sagsbehandleren", "weeks": 13, "bars": "opening"}}}, "oversight": {"valid_from": "2022-01-01", "valid_to": null, "source": "AI Act art. 14 (automation bias) asks for oversight; the figures: assumption. No figure about one caseworker", "fewest": 5, "fewest_caseworkers": 2, "unseen_seconds": 10, "look_back_weeks": 26}, "unknown": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption: nobody is sent to more than is known to be safe", "citizens": {"oral": 0, "reading": 0, "capacity_hours": 2, "capacity_hours_day": 2, "limit_lift": 0, "limit_stand": 0, "limit_bend": 0, "limit_reach": 0, "limit_hand": 0, "limit_push": 0, "limit_stair": 0, "limit_pace": 0, "limit_cog": 0, "limit_soc": 0, "limit_emo": 0, "limit_night": 0, "limit_skin": 0, "limit_env": 0, "limit_care": 0, "must_limits": ["lift", "stand", "bend", "reach", "hand", "push", "stair", "pace", "cog", "soc", "emo", "night", "skin", "env", "care"], "single_provider": true, "paper_criminal_record": "not_cleared", "paper_child_record": "not_cleared", "paper_licence_b": "missing", "paper_licence_d": "missing", "paper_forklift": "missing", "paper_hygiene": "missing", "paper_first_aid": "missing", "mentor_hours": 1}, "openings": {"hours_min": 37, "oral_floor": 6, "reading_floor": 6, "demand_lift": 3, "demand_stand": 3, "demand_bend": 3, "demand_reach": 3, "demand_hand": 3, "demand_push": 3, "demand_stair": 3, "demand_pace": 3, "demand_cog": 3, "demand_soc": 3, "demand_emo": 3, "demand_night": 3, "demand_skin": 3, "demand_env": 3, "demand_care": 3}}, "declared": {"citizens": {}, "openings": {}, "teams": {}}, "letter": {"valid_from": "2022-01-01", "valid_to": null, "source": "a municipality sets its own, e.g. contact = \"Jobcentret, tlf. 12 34 56 78, hverdage kl. 9-15\"", "contact": ""}, "mapping": {"valid_from": "2022-01-01", "valid_to": null, "source": "assumption", "values_listed": 40, "examples": 3, "sure_percent": 75.0, "possible_percent": 50.0}, "serve": {"valid_from": "2022-01-01", "valid_to": null, "source": "who sees what is the municipality''s own (GDPR art. 5(1)(c), 25, 32); the figures: assumption", "proxies": [], "hosts": [], "user_header": "X-Remote-User", "groups_header": "X-Remote-Groups", "planners": [], "data_team": [], "caseworkers": {}, "fewest": 5, "idle_minutes": 30, "upload_megabytes": 100, "solves": 2}, "group_floors": [], "overrides": ["fit.floor: 400 -> 0", "travel.least_km: 1.5 -> 0", "money.budgets.wage_subsidy: 260000 -> 10000000", "money.budgets.mentors: 60000 -> 10000000", "money.budgets.classes: 70000 -> 10000000", "money.budgets.courses: 40000 -> 10000000"]}');
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
INSERT INTO "proposals" VALUES('2026-11-23-ef2b2c30','C1','O1','W1','ordinary',NULL,NULL,0,'[]',1200,'2026-11-24',20,850,'{"measure": 1000, "health": 1000, "language": 1000, "occupation": 1000, "hours": 540, "commute": 916, "experience": 500, "prospect": 0, "hours_225": 0}','{}','[{"component": "measure", "points": 1000, "adds": 263, "lacks": 0, "facts": {"measure": "ordinary", "sector": "municipal", "minutes": 1200}}, {"component": "health", "points": 1000, "adds": 157, "lacks": 0, "facts": {"over": "", "tight": ""}}, {"component": "language", "points": 1000, "adds": 126, "lacks": 0, "facts": {"oral": 6, "oral_floor": 0, "reading": 6, "reading_floor": 0, "team": ""}}]','null',0,NULL,'');
CREATE TABLE resources (
	run_id VARCHAR(64) NOT NULL, 
	rule VARCHAR(32) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	unit VARCHAR(16) NOT NULL, 
	used BIGINT NOT NULL, 
	capacity BIGINT NOT NULL, 
	binding BOOLEAN NOT NULL, 
	price FLOAT, 
	price_placements FLOAT, price_tie_break FLOAT, floor BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_resources PRIMARY KEY (run_id, rule, "key"), 
	CONSTRAINT fk_resources_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
INSERT INTO "resources" VALUES('2026-11-23-ef2b2c30','opening_seats','O1','places',1,1,1,NULL,NULL,NULL,0);
INSERT INTO "resources" VALUES('2026-11-23-ef2b2c30','workplace_ratio','W1','places',0,4,0,NULL,NULL,NULL,0);
INSERT INTO "resources" VALUES('2026-11-23-ef2b2c30','budget','classes','dkk',0,10000000,0,NULL,NULL,NULL,0);
INSERT INTO "resources" VALUES('2026-11-23-ef2b2c30','budget','courses','dkk',0,10000000,0,NULL,NULL,NULL,0);
INSERT INTO "resources" VALUES('2026-11-23-ef2b2c30','budget','mentors','dkk',0,10000000,0,NULL,NULL,NULL,0);
INSERT INTO "resources" VALUES('2026-11-23-ef2b2c30','budget','wage_subsidy','dkk',0,10000000,0,NULL,NULL,NULL,0);
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
INSERT INTO "runs" VALUES('2026-11-23-ef2b2c30',1,'2026-11-23','2026-11-28 17:40:24.068438','ef2b2c30b1558fb73fe11ab147c61ddf','29af48d8c49f43d25f63231c000cc0fe','70dda9a97105276f','{"name": "denmark", "version": "2026.11", "digest": "70dda9a97105276f", "overrides": ["fit.floor: 400 -> 0", "travel.least_km: 1.5 -> 0", "money.budgets.wage_subsidy: 260000 -> 10000000", "money.budgets.mentors: 60000 -> 10000000", "money.budgets.classes: 70000 -> 10000000", "money.budgets.courses: 40000 -> 10000000"], "file": ""}','{"seconds": null, "work": null, "gap": 0.0, "seed": 0, "workers": 1, "method": "auto", "solvers": {"simplex": "glop", "barrier": "highs", "integer": "highs", "exact": "cp_sat", "network": "min_cost_flow"}, "switches": {"tighten": true, "cuts": true, "fixing": true, "neighbourhood": true}}','{"jobmatch": "0.1.0", "ortools": "9.15.6755", "numpy": "2.4.6", "scipy": "1.17.1", "pandas": "3.1.1", "python": "3.11.7"}','{"method": "flow", "steps": [], "counts": {}, "program_digest": "d6783ed9352baafbc970b6c944b37a05fb0c39f255e40991a952c94f8892d7e1"}','tables',0,'optimal',1,'[{"name": "placements", "value": 1, "bound": 1, "gap": 0.0, "proven": true}, {"name": "fit", "value": 850, "bound": 850, "gap": 0.0, "proven": true}, {"name": "tie_break", "value": 30, "bound": 30, "gap": 0.0, "proven": true}]','{"phase_times": {"offers": 0.8632, "formulate": 0.0378, "solve": 0.0292}, "run_times": {"read": 0.1}, "engine": {"phase_times": {"reduce": 0.0002, "flow": 0.0284}}}',2,1,1,'{"rules": 1}','{"errors": 0, "warnings": 0, "rows_put_aside": 0, "by_code": []}',0,0);
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
INSERT INTO "tables" VALUES('338e4d229fe0733ebec280a7fe5bfedf',X'789CCD574D73DA30104DEFFD118CCF4C074893A6BDE66774329A455AEC2DFA702419E266F2DBDB15C9A1168E2DDA4B7512F09EF6436F57CBF2E3D5693D573BE74DF56DB15E2E2AEF8E81B71BDE4AA73B63D3A7EFCF950583BCAB2445FA895690AA187200DDE10951DDAFD317F79BEAE165B9F8030F116BE7FB0C0D32D281622F3C82EA33CE162DEE286614171BF419126A1CA2AE6F8600B26CDE43246705DB1C8277A0030EF11E775D8D289C67CF3A4B3B42354BEA117C106485426BC0EF878421364448413F76E4D1A08DC260E655F45D76FED1F9FDA59CB71C0AE36C6CC210BDCA921802B15B56E21B5A7CBE9B24B4CC40255AB599F3423AD36A8C0CE64B50783B877FEC40D3AE275B0B549D3CDDDB1CC77945167C2F1AD7F135AC37662AFF47C47D10476019DB7A324AE7410F01B7B956409D1D729BCBBF0599747E722ED3EA974FABE5E2E6D36A8A221464B5B3BECD191E4C3B6660950335199604673893CFF5182C494215E058692530CE966C0A704D99D5B60B25A77110E44B8E03997792319874758951270B50685C01CA52DD14DDD69E6C89517B280913FC74364C17928E189B49AE3A6BFF1EC5563BB99F0146D6473C35B712B4D4DC828A90A757A308D9BBCED6C871C986B49AEA2181AB5EA368BD3B90C24C5E23EF430B3E5AF642821D49ED08816B3960E3B43A7B66B3CE2D25B63108A7D458FD8FBAD226473C5F9D05CD4529B97D667931145284D52833E5E6729A2689E97DD9FE05E7123B3CC8ECCFDBDB24A5E96BE2B7F21223E459257036018D7392A6799A2869CFF8C4C7530A7A5AA9470A0DE66AFEBA5E9F9EE30C9B069AC03A983EB175214AA772BB77ABD52A0F878722492D3FD3B19F92660321697D5EEA8CDB92ECA59E2F0B034FDC818DE9224E56C50148C3962B74E7DDE430C05D24F5E156BB3E2FE3CCF2EB5CC4D7CB82FCE1B653D8D6A7E19671AFA30657B29AB9F7D06D03A9BE9C60FB1891AC0AC0C55FCC9210308D922CE1E9B6D2D9BD75477B2E998797F47FE1C355F9FAF5B62EA05CCCBFC49FFF65BD17D7BFE66B6A8DE569CE8FF7D67B36F2DF7F03B8DC3F58');
INSERT INTO "tables" VALUES('edf7fe81f4817c9a8eb77dcc047a0945',X'789C85D1CD6AC3300C07F0B227093EF790A497B1FB9E618C518C70E4D6C4B68CEC3494D267DFDC30E8A2D14D177FF0FB0B61BF3F6D96BA284B1CD44BD36D1BC534E7EFAD213F85783B7D5C54848075A766E2317930A8DDA02A3A819F7031EAAD53FBEBB6B95B0CC9D319F9377D957459D746888CA6100B13A6E88C4BE0054E948BA141B67CEEDB5648E2C145E0B3CE05AC5DFBBE7D606D119DC5A8B756DA432E3A502CC7FF6D4088BAEBC35F727039B89C71D03BE12CF88C6BCC981833C602C59D50C381B1DA55AAF02442548EF5B3B846482F7F2C12E2395CED3EA24E3533238E72F6FD75F3A03E7F94BCFF02A8EED102');
INSERT INTO "tables" VALUES('a37032e06605242ec8851b556c06fdcd',X'789C8DD4C14EC3300C00D05DF88F29E70DB5E3C47E8223078422D3BA6DD4248E9C9681A6FD303F01D904627347490E555ABDDA751AE7E366711A7BD5103BB55D96ABA562DAC5EF69457674FE78F7B4571E1CA699A280DEF8569B5A25F20A76C493500FA57A3EAC96BF7247DC070B154EEDA3B483192C0A2488891509715F961BA122C2102F5979293A1A396A67BC50C56D7115C2DB25DC4C20830B7A87D88BC482C5CE34F2DB9423BF6ED82C8BFB6D51ACCBBB74151585F1C59A4A77644D0DEFE27D9161001E74C3E4FE5703CD1962B0BAB1443C5B1223D4C7CDF0BFB4E0DB115AD42D044DFD5CEE1A1DF85ADBB45AB321BF5D2AC7D739F005F35C2AAAEA72609799388C312B5EAAC4CCAFE24FC0D45439AEA2362B2F55390C1DE5306FDA2EEFC7F5B207FFC8EB5FB38A059E5F94000159F69F683687104746A988D336077E9F683F10EBD3412152CB332230C580D5FCC21CFB6372305D21F248BA24A3EF3DEDFCB4D0E7C322637C9E8DF36739EFE68EF3F85F36E9F19D');
INSERT INTO "tables" VALUES('ba87eccd92d6e621ac19f2268ef64a07',X'789CE3626400836AA5B4FCA25C252B05431D05A5A2FCF26220D318C84CCECF29CDCD03F1A2AB95F2127353812CA582FCE292E4FC945425A082B2C49CD254B0BC928581810148C8C2084A1B03E9D85A1D05844E308DAACB31B128A3B458C119240C65FB81D8FE2929A94568DA73124B324B4AD12D3635D33334D55100511640CA54CFD21C4D5B7E5E3A167D86067A463A0A4012A40D4499C6D6C6D682420314284C908021C8060035D54A72');
INSERT INTO "tables" VALUES('da92079a83c67f1014f996d5cdfd3cca',X'789CBBCB0001D54A69F945B94A560A863A0A4A45F9E5C540A61190999C9F539A9B07E245572BE525E6A602594A6945F9B9F105F9C525C9F929A94A4055658939A5A960454A1606060620210B23201D5BABA380D056928F53931154930186A65C4CD525458979C59925E80A33F34A4B802A50D41A19C4D6C6D6823CC808F5288C4606005B1342B5');
CREATE TABLE unplaced (
	run_id VARCHAR(64) NOT NULL, 
	citizen_id VARCHAR(64) NOT NULL, 
	cause VARCHAR(32) NOT NULL, 
	CONSTRAINT pk_unplaced PRIMARY KEY (run_id, citizen_id), 
	CONSTRAINT fk_unplaced_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id) ON DELETE CASCADE
);
INSERT INTO "unplaced" VALUES('2026-11-23-ef2b2c30','C2','rules');
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
