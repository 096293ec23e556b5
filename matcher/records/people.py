"""Rows about people: citizens, caseworkers, groups for the audit."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from matcher.records.cells import (
    CAREFUL,
    HOURS,
    MINUTES,
    STATED,
    UNKNOWN_IS_A_VALUE,
    Benefit,
    Blocks,
    Category,
    Codes,
    Danish,
    Grade,
    Hours,
    Key,
    Level,
    Occupations,
    PaperStatus,
    Postcode,
    Protects,
    Record,
)

_NOT_YET = PaperStatus.NOT_CLEARED


class Citizen(Record):
    """One person on benefits, under a pseudonymous id (borger)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Pseudonymous id; never a CPR number."""
    category: Annotated[Category, Danish("visitation")]
    """The jobcentre's assessment of the citizen."""
    benefit: Annotated[Benefit, Danish("ydelse")] = Benefit.OTHER
    """The benefit the citizen lives on now."""
    age: Annotated[int, Field(ge=15, le=75), Danish("alder")]
    """Age in whole years on the day of the run; used only where a rule of law names it."""
    integration_act: Annotated[bool, Danish("integrationsloven")] = False
    """Whether the citizen is under the Integration Act (integrationsloven)."""
    refugee_or_reunified: Annotated[bool, Danish("flygtning_eller_familiesammenført")] = False
    """Whether the residence rests on asylum or family reunification: an IGU condition."""
    years_in_denmark: Annotated[float | None, Field(ge=0, le=75), Danish("år_i_danmark")] = None
    """Years of residence: an IGU condition. Empty: not known."""
    stay_requirement_met: Annotated[bool, Danish("opholdskrav_opfyldt")] = True
    """Lawful stay in 9 of the last 10 years (opholdskrav)."""
    work_requirement_met: Annotated[bool, Danish("beskæftigelseskrav_opfyldt")] = True
    """Two and a half full-time years of work in 10 (beskæftigelseskrav)."""
    benefit_months: Annotated[int, Field(ge=0, le=720), Danish("måneder_på_ydelse")] = 0
    """Months on public benefit without a break until now: the prior-benefit rule."""
    assistance_months_48: Annotated[int, Field(ge=0, le=48), Danish("måneder_på_hjælp_af_48")] = 0
    """Months on cash or education assistance out of the last 48: route two of the target group."""
    passed_pd2: Annotated[bool, Danish("bestået_pd2")] = True
    """Whether Prøve i Dansk 2 is passed."""
    completed_grade6: Annotated[bool, Danish("afsluttet_6_klasse")] = True
    """Whether the 6th grade was completed."""
    qualifying_education: Annotated[bool, Danish("kompetencegivende_uddannelse")] = True
    """Whether the citizen has an education that gives access to a trade."""
    ordinary_hours_12m: Annotated[
        float | None, Field(ge=0, le=3000), Danish("ordinære_timer_12_mdr")
    ] = None
    """Ordinary unsubsidised hours in the last 12 months: the 225-hour rule. Empty: not known."""
    weeks_waiting: Annotated[int, Field(ge=0, le=2000), Danish("ventet_uger")] = 0
    """Weeks since the citizen became ready to be matched."""
    oral: Annotated[Level, Danish("dansk_mundtlig"), CAREFUL] = 0
    """Spoken Danish, level 0-6. Empty: not known."""
    reading: Annotated[Level, Danish("dansk_læse"), CAREFUL] = 0
    """Reading of Danish, level 0-6. Empty: not known."""
    capacity_hours: Annotated[Hours, Danish("timer_om_ugen"), CAREFUL] = 0.0
    """Hours of work a week the citizen can take at the start (HRS). Empty: not known."""
    capacity_hours_day: Annotated[
        float, Field(ge=0, le=16), HOURS, Danish("timer_om_dagen"), CAREFUL
    ] = 0.0
    """Hours of work a day the citizen can take (HRS); 16: the week alone counts. Empty: not
    known."""
    ramp_hours: Annotated[float, Field(ge=0, le=37), HOURS, Danish("optrapning_timer")] = 0.0
    """Hours a week that capacity is expected to grow by every four weeks (HRS)."""
    limit_lift: Annotated[Grade, Danish("skånehensyn_løft"), CAREFUL] = 0
    """Tolerance for lifting: 0 under 3 kg, 1 under 8, 2 under 15, 3 no limit. Empty: not known."""
    limit_stand: Annotated[Grade, Danish("skånehensyn_stå"), CAREFUL] = 0
    """Tolerance for standing and walking, 0-3 (3: no limit). Empty: not known."""
    limit_bend: Annotated[Grade, Danish("skånehensyn_bøje"), CAREFUL] = 0
    """Tolerance for bending, kneeling, twisting, 0-3. Empty: not known."""
    limit_reach: Annotated[Grade, Danish("skånehensyn_række"), CAREFUL] = 0
    """Tolerance for work with the arms above the shoulder, 0-3. Empty: not known."""
    limit_hand: Annotated[Grade, Danish("skånehensyn_hånd"), CAREFUL] = 0
    """Tolerance for repetitive or fine hand work, 0-3. Empty: not known."""
    limit_push: Annotated[Grade, Danish("skånehensyn_skubbe"), CAREFUL] = 0
    """Tolerance for pushing, pulling and moving people, 0-3. Empty: not known."""
    limit_stair: Annotated[Grade, Danish("skånehensyn_trappe"), CAREFUL] = 0
    """Tolerance for stairs and uneven ground, 0-3. Empty: not known."""
    limit_pace: Annotated[Grade, Danish("skånehensyn_tempo"), CAREFUL] = 0
    """Tolerance for pace and time pressure, 0-3. Empty: not known."""
    limit_cog: Annotated[Grade, Danish("skånehensyn_kognition"), CAREFUL] = 0
    """Tolerance for complexity, attention and reading, 0-3. Empty: not known."""
    limit_soc: Annotated[Grade, Danish("skånehensyn_social"), CAREFUL] = 0
    """Tolerance for contact with people, 0-3. Empty: not known."""
    limit_emo: Annotated[Grade, Danish("skånehensyn_følelse"), CAREFUL] = 0
    """Tolerance for emotional strain, 0-3. Empty: not known."""
    limit_night: Annotated[Grade, Danish("skånehensyn_nat"), CAREFUL] = 0
    """Tolerance for early, evening, night and weekend work, 0-3. Empty: not known."""
    limit_skin: Annotated[Grade, Danish("skånehensyn_hud"), CAREFUL] = 0
    """Tolerance for wet work, chemicals, gloves and dust, 0-3. Empty: not known."""
    limit_env: Annotated[Grade, Danish("skånehensyn_miljø"), CAREFUL] = 0
    """Tolerance for noise, heat and cold, 0-3. Empty: not known."""
    limit_care: Annotated[Grade, Danish("skånehensyn_pleje"), Protects("unknown", True)] = 0
    """Tolerance for intimate care, pork and alcohol, as a stated condition of work, 0-3. Empty: not
    known. The column may be left out: then it is not known of anybody."""
    must_limits: Annotated[Codes, Danish("absolutte_skånehensyn"), CAREFUL] = ()
    """Health codes whose limit is absolute (must); the others are wishes (should). The word none:
    all are wishes. Empty: not known."""
    care_blocks: Annotated[Blocks, Danish("pasningstider"), STATED] = ()
    """When the child is looked after. Empty or none: the policy's opening hours of day care."""
    treatment_blocks: Annotated[Blocks, Danish("behandlingstider"), STATED] = ()
    """Fixed treatment; counts toward the duty week. Empty or none: no treatment, since no job is
    left to somebody whose treatment could be at any time."""
    class_blocks: Annotated[Blocks, Danish("undervisningstider"), STATED] = ()
    """Danish class the citizen already attends; counts toward the duty week. Empty or none: no
    class, for the same reason."""
    other_blocks: Annotated[Blocks, Danish("andre_tider"), STATED] = ()
    """Other fixed times when the citizen cannot work. Empty or none: no such times, for the same
    reason."""
    youngest_child: Annotated[
        int | None, Field(ge=0, le=25), Danish("yngste_barn_alder"), STATED
    ] = None
    """Age of the youngest child at home, in years. Empty or none: no child at home, as with most
    people; to take everybody else for a parent would bind households that are not there."""
    single_provider: Annotated[bool, Danish("eneforsørger"), CAREFUL] = True
    """Whether there is no second adult at home. Empty: not known, which keeps odd hours away like
    yes and waives nothing like no."""
    partner_can_care: Annotated[bool, Danish("partner_kan_passe")] = False
    """Whether another adult at home, not in this table, can care for the child at any time."""
    household_id: Annotated[Key | None, Danish("husstand_id")] = None
    """Equal for adults of one household; pseudonymous. Empty: alone in the table."""
    accepts_odd_hours: Annotated[bool, Danish("accepterer_skæve_timer")] = False
    """Whether a single provider has said yes to early, evening, night and weekend work."""
    paper_criminal_record: Annotated[PaperStatus, Danish("straffeattest"), CAREFUL] = _NOT_YET
    """Criminal record certificate: only how far it has come, never its content. Empty: not
    known."""
    paper_child_record: Annotated[PaperStatus, Danish("børneattest"), CAREFUL] = _NOT_YET
    """Child protection certificate: only how far it has come, never its content. Empty: not
    known."""
    paper_licence_b: Annotated[PaperStatus, Danish("kørekort_b"), CAREFUL] = _NOT_YET
    """Driving licence B. Empty: not known."""
    paper_licence_d: Annotated[PaperStatus, Danish("kørekort_d"), CAREFUL] = _NOT_YET
    """Driving licence D with EU certificate. Empty: not known."""
    paper_forklift: Annotated[PaperStatus, Danish("truckcertifikat"), CAREFUL] = _NOT_YET
    """Forklift certificate B. Empty: not known."""
    paper_hygiene: Annotated[PaperStatus, Danish("hygiejnebevis"), CAREFUL] = _NOT_YET
    """Food hygiene certificate. Empty: not known."""
    paper_first_aid: Annotated[PaperStatus, Danish("førstehjælpsbevis"), CAREFUL] = _NOT_YET
    """First aid certificate. Empty: not known."""
    mentor_hours: Annotated[Hours, Danish("mentortimer"), CAREFUL] = 0.0
    """Mentor hours a week the citizen needs in a new job. Empty: not known."""
    experience: Annotated[Occupations, Danish("erfaring")] = ()
    """Occupations the citizen has worked in (ISCO-08)."""
    wishes: Annotated[Occupations, Danish("ønsker")] = ()
    """Occupations the citizen wishes for (ISCO-08)."""
    refusals: Annotated[Occupations, Danish("fravalg"), STATED] = ()
    """Occupations the citizen has good reason not to take (ISCO-08). Empty or none: no such
    occupations, since no job is left to somebody who may refuse any."""
    postcode: Annotated[Postcode, Danish("postnr")]
    """Postcode of the home."""
    municipality: Annotated[Key | None, Danish("kommune")] = None
    """Municipality that helps the citizen, where the tables hold several. Empty: the only one."""
    has_car: Annotated[bool, Danish("har_bil")] = False
    """Whether a car can be used to get to work."""
    has_bicycle: Annotated[bool, Danish("har_cykel")] = False
    """Whether a bicycle can be used to get to work."""
    max_commute: Annotated[
        int | None, Field(ge=0, le=240), MINUTES, Danish("maks_transport_minutter"), STATED
    ] = None
    """Longest way to work, minutes one way. Empty or none: the policy's limit alone, which holds
    for everybody."""
    available_from: Annotated[dt.date | None, Danish("ledig_fra"), STATED] = None
    """First day the citizen can start. Empty or none: now, as with most people."""
    last_employer: Annotated[Key | None, Danish("seneste_arbejdsgiver")] = None
    """Employer (CVR) of the last ordinary job."""
    months_since_job: Annotated[int | None, Field(ge=0, le=720), Danish("måneder_siden_job")] = None
    """Months since the last ordinary job ended. Empty: never, or not known."""
    practice_weeks_used: Annotated[float, Field(ge=0, le=520), Danish("praktik_uger_brugt")] = 0.0
    """Weeks of work practice already used in this spell."""
    subsidy_weeks_used: Annotated[float, Field(ge=0, le=520), Danish("løntilskud_uger_brugt")] = 0.0
    """Weeks of wage subsidy already used in this spell."""
    nytteindsats_weeks_used: Annotated[
        float, Field(ge=0, le=520), Danish("nytteindsats_uger_brugt")
    ] = 0.0
    """Weeks of nytteindsats already used in this spell."""
    caseworker_id: Annotated[Key | None, Danish("sagsbehandler_id")] = None
    """The caseworker who follows the citizen up. Empty: nobody's capacity is used."""
    unknown: Annotated[Codes, Danish("ukendt")] = ()
    """Columns of this row that nobody knows, by name; an empty cell says the same. Whatever stands
    in such a cell, the policy's careful value counts."""


class Caseworker(Record):
    """How many new placements a caseworker can follow up (sagsbehandler)."""

    caseworker_id: Annotated[Key, Danish("sagsbehandler_id")]
    """Id of the caseworker."""
    capacity: Annotated[int, Field(ge=0, le=1000), Danish("kapacitet")]
    """New placements a week the caseworker can follow up."""
    unit: Annotated[Annotated[str, Field(max_length=100)], Danish("afdeling")] = ""
    """The caseworker's unit, for figures that must not name one person."""


class AuditGroup(Record):
    """Group membership for the fairness audit alone; the optimiser never sees it."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    dimension: Annotated[Key, Danish("dimension")]
    """What is compared, e.g. gender."""
    group: Annotated[Key, Danish("gruppe"), UNKNOWN_IS_A_VALUE]
    """The group, e.g. women."""
