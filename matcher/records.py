"""What the tables hold: one frozen record per row, with unit, range and neutral default.

These classes are the only description of the input. The readers, the checks, the empty templates
and the data dictionary are all made from them: a field added here is read, checked and documented.
Every field has a Danish column name beside the English one, and either is accepted.

No field holds a CPR number, a name, a diagnosis, origin or gender. Age and residence facts are
there because a rule of law names them; they never enter the fit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from matcher.week import Week, parse_week, week_text


@dataclass(frozen=True)
class Danish:
    """The Danish name of a column, beside the English name of the field."""

    name: str


class Choice(StrEnum):
    """A coded value with a Danish word; tables may hold either, in any case."""

    danish: str

    def __new__(cls, value: str, danish: str) -> Self:
        """Make a member of an English code and its Danish word."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.danish = danish
        return member

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        wanted = str(value).strip().lower().replace(" ", "_")
        for member in cls:
            if wanted in {member.value, member.danish.lower().replace(" ", "_")}:
                return member
        return None


class Category(Choice):
    """How the jobcentre has assessed a citizen (visitation)."""

    JOB_READY = "job_ready", "jobparat"
    ACTIVITY_READY = "activity_ready", "aktivitetsparat"
    OPENLY_EDUCATION_READY = "openly_education_ready", "åbenlyst uddannelsesparat"
    EDUCATION_READY = "education_ready", "uddannelsesparat"
    NOT_ASSESSED = "not_assessed", "ikke visiteret"


class Benefit(Choice):
    """The benefit a citizen lives on; names before and after the reform of 1 July 2025."""

    CASH = "cash", "kontanthjælp"
    EDUCATION = "education", "uddannelseshjælp"
    TRANSITION = "transition", "selvforsørgelses- og hjemrejseydelse"
    MINIMUM_RATE = "minimum_rate", "mindstesats"
    BASIC_RATE = "basic_rate", "grundsats"
    RAISED_RATE = "raised_rate", "forhøjet sats"
    OTHER = "other", "anden ydelse"


class Sector(Choice):
    """Who owns the workplace."""

    MUNICIPAL = "municipal", "kommunal"
    REGIONAL = "regional", "regional"
    PRIVATE = "private", "privat"


class PaperStatus(Choice):
    """How far a paper (certificate, licence, record) has come."""

    CLEARED = "cleared", "i orden"
    PENDING = "pending", "undervejs"
    MISSING = "missing", "mangler"
    NOT_CLEARED = "not_cleared", "ikke godkendt"


class TravelMode(Choice):
    """How a travel time was measured."""

    CAR = "car", "bil"
    BICYCLE = "bicycle", "cykel"
    TRANSIT = "transit", "kollektiv"


HEALTH_CODES: Mapping[str, tuple[str, str]] = {
    "lift": ("lifting and carrying", "løft og bæring"),
    "stand": ("standing and walking", "stående og gående arbejde"),
    "bend": ("bending, kneeling, twisting", "bøjede og vredne stillinger"),
    "reach": ("arms above the shoulder", "arme over skulderhøjde"),
    "hand": ("repetitive or fine hand work", "ensidigt eller fint håndarbejde"),
    "push": ("pushing, pulling, moving people", "skub, træk og forflytning"),
    "stair": ("stairs and uneven ground", "trapper og ujævnt terræn"),
    "pace": ("pace and time pressure", "tempo og tidspres"),
    "cog": ("complexity, attention, reading", "kompleksitet, opmærksomhed, læsning"),
    "soc": ("contact with people", "kontakt med mennesker"),
    "emo": ("emotional strain", "følelsesmæssig belastning"),
    "night": ("early, evening, night, weekend", "tidlig, aften, nat, weekend"),
    "skin": ("wet work, chemicals, gloves, dust", "vådt arbejde, kemi, handsker, støv"),
    "env": ("noise, heat, cold", "støj, varme, kulde"),
    "care": ("intimate care, pork, alcohol", "intim pleje, svinekød, alkohol"),
}
"""Fifteen graded codes, English and Danish; the sixteenth, HRS, is the hours fields."""

PAPERS: Mapping[str, tuple[str, str]] = {
    "criminal_record": ("criminal record certificate", "straffeattest"),
    "child_record": ("child protection certificate", "børneattest"),
    "licence_b": ("driving licence B", "kørekort B"),
    "licence_d": ("driving licence D with EU certificate", "kørekort D med EU-bevis"),
    "forklift": ("forklift certificate B", "truckcertifikat B"),
    "hygiene": ("food hygiene certificate", "hygiejnebevis"),
    "first_aid": ("first aid certificate", "førstehjælpsbevis"),
}
"""Papers a job may ask for: code, English and Danish name."""


def _week(value: object) -> object:
    if value is None:
        return ()
    return parse_week(value) if isinstance(value, str) else value


def _codes(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(
            sorted({part.strip() for part in value.replace(",", ";").split(";") if part.strip()})
        )
    return value


Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
"""An id: text, kept as it is, with leading zeros."""
Level = Annotated[int, Field(ge=0, le=6)]
"""Danish: 0 none, 1 A1, 2 A1+, 3 A2 (PD1), 4 A2+, 5 B1 (PD2), 6 B2 (PD3)."""
Grade = Annotated[int, Field(ge=0, le=3)]
"""Health scale 0-3: a demand of a job, or what a citizen tolerates."""
Hours = Annotated[float, Field(ge=0, le=80, multiple_of=0.25)]
"""Hours a week, in quarters."""
Postcode = Annotated[str, Field(pattern=r"^\d{4}$")]
"""Four digits."""
Occupation = Annotated[str, Field(pattern=r"^\d{1,6}$")]
"""ISCO-08 / DISCO-08 code, one to six digits; fewer digits mean the whole group."""
Occupations = Annotated[
    tuple[Occupation, ...],
    BeforeValidator(_codes),
    PlainSerializer(";".join, return_type=str),
]
"""Codes separated by semicolons."""
Codes = Annotated[
    tuple[Key, ...], BeforeValidator(_codes), PlainSerializer(";".join, return_type=str)
]
"""Words separated by semicolons."""
Blocks = Annotated[Week, BeforeValidator(_week), PlainSerializer(week_text, return_type=str)]
"""Weekly blocks of time, e.g. ``mon-fri 07:00-15:00; sat 09:00-12:00``."""


class Record(BaseModel):
    """One row of a table; frozen, unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


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
    oral: Annotated[Level, Danish("dansk_mundtlig")] = 6
    """Spoken Danish, level 0-6."""
    reading: Annotated[Level, Danish("dansk_læse")] = 6
    """Reading of Danish, level 0-6."""
    capacity_hours: Annotated[Hours, Danish("timer_om_ugen")] = 37.0
    """Hours of work a week the citizen can take at the start (HRS)."""
    capacity_hours_day: Annotated[
        float, Field(ge=0, le=16, multiple_of=0.25), Danish("timer_om_dagen")
    ] = 16.0
    """Hours of work a day the citizen can take (HRS)."""
    ramp_hours: Annotated[
        float, Field(ge=0, le=37, multiple_of=0.25), Danish("optrapning_timer")
    ] = 0.0
    """Hours a week that capacity is expected to grow by every four weeks (HRS)."""
    limit_lift: Annotated[Grade, Danish("skånehensyn_løft")] = 3
    """Tolerance for lifting: 0 under 3 kg, 1 under 8, 2 under 15, 3 no limit."""
    limit_stand: Annotated[Grade, Danish("skånehensyn_stå")] = 3
    """Tolerance for standing and walking, 0-3 (3: no limit)."""
    limit_bend: Annotated[Grade, Danish("skånehensyn_bøje")] = 3
    """Tolerance for bending, kneeling, twisting, 0-3."""
    limit_reach: Annotated[Grade, Danish("skånehensyn_række")] = 3
    """Tolerance for work with the arms above the shoulder, 0-3."""
    limit_hand: Annotated[Grade, Danish("skånehensyn_hånd")] = 3
    """Tolerance for repetitive or fine hand work, 0-3."""
    limit_push: Annotated[Grade, Danish("skånehensyn_skubbe")] = 3
    """Tolerance for pushing, pulling and moving people, 0-3."""
    limit_stair: Annotated[Grade, Danish("skånehensyn_trappe")] = 3
    """Tolerance for stairs and uneven ground, 0-3."""
    limit_pace: Annotated[Grade, Danish("skånehensyn_tempo")] = 3
    """Tolerance for pace and time pressure, 0-3."""
    limit_cog: Annotated[Grade, Danish("skånehensyn_kognition")] = 3
    """Tolerance for complexity, attention and reading, 0-3."""
    limit_soc: Annotated[Grade, Danish("skånehensyn_social")] = 3
    """Tolerance for contact with people, 0-3."""
    limit_emo: Annotated[Grade, Danish("skånehensyn_følelse")] = 3
    """Tolerance for emotional strain, 0-3."""
    limit_night: Annotated[Grade, Danish("skånehensyn_nat")] = 3
    """Tolerance for early, evening, night and weekend work, 0-3."""
    limit_skin: Annotated[Grade, Danish("skånehensyn_hud")] = 3
    """Tolerance for wet work, chemicals, gloves and dust, 0-3."""
    limit_env: Annotated[Grade, Danish("skånehensyn_miljø")] = 3
    """Tolerance for noise, heat and cold, 0-3."""
    limit_care: Annotated[Grade, Danish("skånehensyn_pleje")] = 3
    """Tolerance for intimate care, pork and alcohol, as a stated condition of work, 0-3."""
    must_limits: Annotated[Codes, Danish("absolutte_skånehensyn")] = ()
    """Health codes whose limit is absolute (must); the others are wishes (should)."""
    care_blocks: Annotated[Blocks, Danish("pasningstider")] = ()
    """When the child is looked after. Empty: the policy's opening hours of day care."""
    treatment_blocks: Annotated[Blocks, Danish("behandlingstider")] = ()
    """Fixed treatment; counts toward the duty week."""
    class_blocks: Annotated[Blocks, Danish("undervisningstider")] = ()
    """Danish class the citizen already attends; counts toward the duty week."""
    other_blocks: Annotated[Blocks, Danish("andre_tider")] = ()
    """Other fixed times when the citizen cannot work."""
    youngest_child: Annotated[int | None, Field(ge=0, le=25), Danish("yngste_barn_alder")] = None
    """Age of the youngest child at home, in years. Empty: no child at home."""
    single_provider: Annotated[bool, Danish("eneforsørger")] = False
    """Whether there is no second adult at home."""
    partner_can_care: Annotated[bool, Danish("partner_kan_passe")] = False
    """Whether another adult at home, not in this table, can care for the child at any time."""
    household_id: Annotated[Key | None, Danish("husstand_id")] = None
    """Equal for adults of one household; pseudonymous. Empty: alone in the table."""
    accepts_odd_hours: Annotated[bool, Danish("accepterer_skæve_timer")] = False
    """Whether a single provider has said yes to early, evening, night and weekend work."""
    paper_criminal_record: Annotated[PaperStatus, Danish("straffeattest")] = PaperStatus.MISSING
    """Criminal record certificate: only how far it has come, never its content."""
    paper_child_record: Annotated[PaperStatus, Danish("børneattest")] = PaperStatus.MISSING
    """Child protection certificate: only how far it has come, never its content."""
    paper_licence_b: Annotated[PaperStatus, Danish("kørekort_b")] = PaperStatus.MISSING
    """Driving licence B."""
    paper_licence_d: Annotated[PaperStatus, Danish("kørekort_d")] = PaperStatus.MISSING
    """Driving licence D with EU certificate."""
    paper_forklift: Annotated[PaperStatus, Danish("truckcertifikat")] = PaperStatus.MISSING
    """Forklift certificate B."""
    paper_hygiene: Annotated[PaperStatus, Danish("hygiejnebevis")] = PaperStatus.MISSING
    """Food hygiene certificate."""
    paper_first_aid: Annotated[PaperStatus, Danish("førstehjælpsbevis")] = PaperStatus.MISSING
    """First aid certificate."""
    mentor_hours: Annotated[Hours, Danish("mentortimer")] = 0.0
    """Mentor hours a week the citizen needs in a new job."""
    experience: Annotated[Occupations, Danish("erfaring")] = ()
    """Occupations the citizen has worked in (ISCO-08)."""
    wishes: Annotated[Occupations, Danish("ønsker")] = ()
    """Occupations the citizen wishes for (ISCO-08)."""
    refusals: Annotated[Occupations, Danish("fravalg")] = ()
    """Occupations the citizen has good reason not to take (ISCO-08)."""
    postcode: Annotated[Postcode, Danish("postnr")]
    """Postcode of the home."""
    municipality: Annotated[Key | None, Danish("kommune")] = None
    """Municipality that helps the citizen, where the tables hold several. Empty: the only one."""
    has_car: Annotated[bool, Danish("har_bil")] = False
    """Whether a car can be used to get to work."""
    has_bicycle: Annotated[bool, Danish("har_cykel")] = False
    """Whether a bicycle can be used to get to work."""
    max_commute: Annotated[int | None, Field(ge=0, le=240), Danish("maks_transport_minutter")] = (
        None
    )
    """Longest way to work, minutes one way. Empty: the policy's limit alone."""
    available_from: Annotated[dt.date | None, Danish("ledig_fra")] = None
    """First day the citizen can start. Empty: now."""
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


class Workplace(Record):
    """A production unit (P-number) of an employer (arbejdsplads)."""

    workplace_id: Annotated[Key, Danish("arbejdsplads_id")]
    """Id of the production unit, e.g. its P-number."""
    employer_id: Annotated[Key, Danish("arbejdsgiver_id")]
    """Id of the legal unit, e.g. its CVR number."""
    name: Annotated[Annotated[str, Field(max_length=200)], Danish("navn")] = ""
    """Name of the workplace."""
    sector: Annotated[Sector, Danish("sektor")]
    """Municipal, regional or private."""
    postcode: Annotated[Postcode, Danish("postnr")]
    """Postcode of the workplace."""
    ordinary_staff: Annotated[int, Field(ge=0, le=100000), Danish("ordinært_ansatte")] = 0
    """Ordinary employees (headcount; subsidised, flexjob and fixed-term staff left out)."""
    ordinary_fte: Annotated[
        float | None, Field(ge=0, le=100000), Danish("ordinære_fuldtidsansatte")
    ] = None
    """Ordinary employees in full-time equivalents, as VITAS counts. Empty: not known."""
    staff_last_month: Annotated[
        float | None, Field(ge=0, le=100000), Danish("ansatte_sidste_måned")
    ] = None
    """Ordinary staff last month: net increase of staff (merbeskæftigelse). Empty: not known."""
    staff_mean_12m: Annotated[
        float | None, Field(ge=0, le=100000), Danish("ansatte_snit_12_mdr")
    ] = None
    """Ordinary staff, mean of 12 months: net increase of staff. Empty: not known."""
    dismissed_3m: Annotated[bool, Danish("afskedigelse_3_mdr")] = False
    """Whether such a post was vacated by dismissal in the last three months."""
    representative_agrees: Annotated[bool, Danish("tillidsrepræsentant_enig")] = True
    """Whether the employees' representative has signed, or been informed, as the law asks."""
    other_ratio_places: Annotated[int, Field(ge=0, le=1000), Danish("andre_støttede_pladser")] = 0
    """Ratio places used by people who are not in the running table (count)."""
    intake_per_week: Annotated[int | None, Field(ge=0, le=1000), Danish("modtager_pr_uge")] = None
    """New people the workplace can receive in a week. Empty: no limit."""


class Opening(Record):
    """A job that can be filled at a workplace (stilling)."""

    opening_id: Annotated[Key, Danish("stilling_id")]
    """Id of the opening."""
    workplace_id: Annotated[Key, Danish("arbejdsplads_id")]
    """The workplace it is at."""
    title: Annotated[Annotated[str, Field(max_length=200)], Danish("stillingsbetegnelse")] = ""
    """What the job is called."""
    isco: Annotated[Occupation, Danish("isco")]
    """Occupation (ISCO-08 / DISCO-08)."""
    seats: Annotated[int, Field(ge=0, le=1000), Danish("pladser")] = 1
    """People the job takes in all, running placements included. Zero keeps it listed but closed."""
    hours_min: Annotated[Annotated[Hours, Field(gt=0)], Danish("timer_min")] = 1.0
    """Fewest hours a week the employer needs, reached at the end of the ramp."""
    hours_max: Annotated[Annotated[Hours, Field(gt=0)], Danish("timer_maks")] = 37.0
    """Most hours a week the employer offers."""
    ramp_weeks: Annotated[int, Field(ge=0, le=104), Danish("optrapning_uger")] = 0
    """Weeks the employer gives to work up to the fewest hours."""
    shifts: Annotated[Blocks, Danish("vagter")]
    """When the work is done."""
    start_from: Annotated[dt.date | None, Danish("start_fra")] = None
    """First day work can start. Empty: any day."""
    start_to: Annotated[dt.date | None, Danish("start_til")] = None
    """Last day work can start. Empty: the policy's longest lead."""
    oral_floor: Annotated[Level, Danish("krav_dansk_mundtlig")] = 0
    """Spoken Danish the job asks for, 0-6."""
    reading_floor: Annotated[Level, Danish("krav_dansk_læse")] = 0
    """Reading of Danish the job asks for, 0-6."""
    language_gap_ok: Annotated[Annotated[int, Field(ge=0, le=6)] | None, Danish("sproggab_ok")] = (
        None
    )
    """Levels that may be missing when a Danish class runs beside the job. Empty: the policy's."""
    demand_lift: Annotated[Grade, Danish("krav_løft")] = 0
    """Lifting: 0 under 3 kg, 1 under 8, 2 under 15, 3 more."""
    demand_stand: Annotated[Grade, Danish("krav_stå")] = 0
    """Standing and walking, 0-3."""
    demand_bend: Annotated[Grade, Danish("krav_bøje")] = 0
    """Bending, kneeling, twisting, 0-3."""
    demand_reach: Annotated[Grade, Danish("krav_række")] = 0
    """Arms above the shoulder, 0-3."""
    demand_hand: Annotated[Grade, Danish("krav_hånd")] = 0
    """Repetitive or fine hand work, 0-3."""
    demand_push: Annotated[Grade, Danish("krav_skubbe")] = 0
    """Pushing, pulling, moving people, 0-3."""
    demand_stair: Annotated[Grade, Danish("krav_trappe")] = 0
    """Stairs and uneven ground, 0-3."""
    demand_pace: Annotated[Grade, Danish("krav_tempo")] = 0
    """Pace and time pressure, 0-3."""
    demand_cog: Annotated[Grade, Danish("krav_kognition")] = 0
    """Complexity, attention and reading, 0-3."""
    demand_soc: Annotated[Grade, Danish("krav_social")] = 0
    """Contact with people, 0-3."""
    demand_emo: Annotated[Grade, Danish("krav_følelse")] = 0
    """Emotional strain, 0-3."""
    demand_night: Annotated[Grade, Danish("krav_nat")] = 0
    """Early, evening, night and weekend work, 0-3."""
    demand_skin: Annotated[Grade, Danish("krav_hud")] = 0
    """Wet work, chemicals, gloves and dust, 0-3."""
    demand_env: Annotated[Grade, Danish("krav_miljø")] = 0
    """Noise, heat and cold, 0-3."""
    demand_care: Annotated[Grade, Danish("krav_pleje")] = 0
    """Intimate care, pork and alcohol, 0-3."""
    papers: Annotated[Codes, Danish("papirer")] = ()
    """Papers that must be in order before the start (codes of the data dictionary)."""
    measures: Annotated[Codes, Danish("foranstaltninger")] = ("ordinary",)
    """Measures the employer accepts (ids of the policy)."""
    mentor_hours: Annotated[Hours, Danish("egne_mentortimer")] = 0.0
    """Mentor hours a week the workplace itself gives each newcomer."""
    prospect: Annotated[Annotated[int, Field(ge=0, le=3)], Danish("udsigt")] = 0
    """Prospect of ordinary hours afterwards, as the employer states it: 0 none ... 3 agreed."""
    age_min: Annotated[int | None, Field(ge=15, le=75), Danish("alder_min")] = None
    """Lowest age, only where a law sets it for the work. Empty: none."""
    age_max: Annotated[int | None, Field(ge=15, le=75), Danish("alder_maks")] = None
    """Highest age, only where a law sets it for the work. Empty: none."""


class Team(Record):
    """A Danish class with free seats (hold)."""

    team_id: Annotated[Key, Danish("hold_id")]
    """Id of the class."""
    level_from: Annotated[Level, Danish("niveau_fra")] = 0
    """Lowest spoken Danish of a learner who fits in."""
    level_to: Annotated[Level, Danish("niveau_til")] = 6
    """Highest spoken Danish of a learner who fits in."""
    seats: Annotated[int, Field(ge=0, le=1000), Danish("pladser")]
    """Learners the class takes in all, running ones included."""
    blocks: Annotated[Blocks, Danish("tider")]
    """When the class meets."""
    postcode: Annotated[Postcode, Danish("postnr")]
    """Postcode where it meets."""
    workplace_id: Annotated[Key | None, Danish("arbejdsplads_id")] = None
    """Workplace where it meets, only for those who work there. Empty: open to all."""


class MentorPool(Record):
    """Mentor hours at a workplace, or in the municipality (mentorpulje)."""

    pool_id: Annotated[Key, Danish("pulje_id")]
    """Id of the pool."""
    hours: Annotated[float, Field(ge=0, le=100000, multiple_of=0.25), Danish("timer_om_ugen")]
    """Mentor hours a week in all, running placements included."""
    workplace_id: Annotated[Key | None, Danish("arbejdsplads_id")] = None
    """Workplace whose newcomers it serves. Empty: the whole municipality."""
    municipality: Annotated[Key | None, Danish("kommune")] = None
    """Municipality whose citizens it serves, where the tables hold several. Empty: the only one."""


class Course(Record):
    """A short course that gives a missing paper (kort kursus)."""

    course_id: Annotated[Key, Danish("kursus_id")]
    """Id of the course, one session."""
    paper: Annotated[Key, Danish("papir")]
    """The paper it gives (code)."""
    seats: Annotated[int, Field(ge=0, le=1000), Danish("ledige_pladser")]
    """Free seats."""
    ready_on: Annotated[dt.date, Danish("bevis_dato")]
    """Day the paper is in hand."""
    cost: Annotated[int, Field(ge=0, le=100000), Danish("pris_kr")] = 0
    """Price of a seat, DKK."""


class Caseworker(Record):
    """How many new placements a caseworker can follow up (sagsbehandler)."""

    caseworker_id: Annotated[Key, Danish("sagsbehandler_id")]
    """Id of the caseworker."""
    capacity: Annotated[int, Field(ge=0, le=1000), Danish("kapacitet")]
    """New placements a week the caseworker can follow up."""
    unit: Annotated[Annotated[str, Field(max_length=100)], Danish("afdeling")] = ""
    """The caseworker's unit, for figures that must not name one person."""


class Running(Record):
    """A placement under way: uses a seat and what supports it has (igangværende forløb)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who is placed."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """At which opening."""
    measure: Annotated[Key, Danish("foranstaltning")]
    """Under which measure."""
    start: Annotated[dt.date, Danish("start")]
    """First day."""
    end: Annotated[dt.date | None, Danish("slut")] = None
    """Last day. Empty: open."""
    team_id: Annotated[Key | None, Danish("hold_id")] = None
    """The class seat it uses."""
    pool_id: Annotated[Key | None, Danish("pulje_id")] = None
    """The mentor pool it uses."""
    mentor_hours: Annotated[Hours, Danish("mentortimer")] = 0.0
    """Mentor hours a week it uses."""


class Lock(Record):
    """A proposal that stands: this citizen goes to this opening (låsning)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """Where."""
    measure: Annotated[Key | None, Danish("foranstaltning")] = None
    """Under which measure. Empty: any."""


class Forbid(Record):
    """A match that must not be proposed (udelukkelse)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    opening_id: Annotated[Key | None, Danish("stilling_id")] = None
    """Not at this opening. Empty: not at the workplace below."""
    workplace_id: Annotated[Key | None, Danish("arbejdsplads_id")] = None
    """Not at any opening of this workplace. Empty: only the opening above."""
    reason: Annotated[Key, Danish("årsag")] = "other"
    """Neutral reason code of the policy."""
    until: Annotated[dt.date | None, Danish("til_og_med")] = None
    """Last day it holds. Empty: until it is removed."""


class Place(Record):
    """A postcode on the map (sted)."""

    postcode: Annotated[Postcode, Danish("postnr")]
    """Four digits."""
    name: Annotated[Annotated[str, Field(max_length=100)], Danish("navn")] = ""
    """Name of the district."""
    latitude: Annotated[Annotated[float, Field(ge=54.0, le=58.0)], Danish("breddegrad")]
    """Degrees north, WGS 84."""
    longitude: Annotated[Annotated[float, Field(ge=7.5, le=15.5)], Danish("længdegrad")]
    """Degrees east, WGS 84."""


class TravelTime(Record):
    """A measured travel time between two postcodes (rejsetid)."""

    from_postcode: Annotated[Postcode, Danish("fra_postnr")]
    """Home."""
    to_postcode: Annotated[Postcode, Danish("til_postnr")]
    """Workplace."""
    mode: Annotated[TravelMode, Danish("transportmiddel")] = TravelMode.TRANSIT
    """How."""
    minutes: Annotated[Annotated[int, Field(ge=0, le=600)], Danish("minutter")]
    """Minutes one way."""


class Previous(Record):
    """What was proposed last time: changing it has a price (tidligere forslag)."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """Where."""
    measure: Annotated[Key | None, Danish("foranstaltning")] = None
    """Under which measure. Empty: any."""


class Happened(Choice):
    """What can happen to a placement or a seat between two runs."""

    END = "end", "slut"
    DECLINED = "declined", "afslag"
    FILLED = "filled", "besat"


class Happening(Record):
    """Something that happened since the last run (hændelse)."""

    event: Annotated[Happened, Danish("hændelse")]
    """A placement ended, a proposal was declined, or seats were filled by others."""
    day: Annotated[dt.date, Danish("dato")]
    """The day it happened; of an end: the last day."""
    opening_id: Annotated[Key, Danish("stilling_id")]
    """At which opening."""
    citizen_id: Annotated[Key | None, Danish("borger_id")] = None
    """Whose placement or proposal. Empty: nobody's (only for filled seats)."""
    reason: Annotated[Key | None, Danish("årsag")] = None
    """Neutral reason code of the policy, for what was declined. Empty: the citizen declined."""
    seats: Annotated[int, Field(ge=1, le=1000), Danish("pladser")] = 1
    """Seats that others filled."""


class AuditGroup(Record):
    """Group membership for the fairness audit alone; the optimiser never sees it."""

    citizen_id: Annotated[Key, Danish("borger_id")]
    """Who."""
    dimension: Annotated[Key, Danish("dimension")]
    """What is compared, e.g. gender."""
    group: Annotated[Key, Danish("gruppe")]
    """The group, e.g. women."""


@dataclass(frozen=True)
class Table:
    """A table of the input: its names, its record, its key."""

    name: str
    danish: str
    record: type[Record]
    key: tuple[str, ...]
    """Columns whose values together may occur only once."""
    needed: bool = False
    """Whether a run is impossible without it."""


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table("citizens", "borgere", Citizen, ("citizen_id",), needed=True),
        Table("workplaces", "arbejdspladser", Workplace, ("workplace_id",), needed=True),
        Table("openings", "stillinger", Opening, ("opening_id",), needed=True),
        Table("teams", "hold", Team, ("team_id",)),
        Table("mentor_pools", "mentorpuljer", MentorPool, ("pool_id",)),
        Table("courses", "kurser", Course, ("course_id",)),
        Table("caseworkers", "sagsbehandlere", Caseworker, ("caseworker_id",)),
        Table("running", "igangværende", Running, ("citizen_id", "opening_id", "start")),
        Table("locks", "låsninger", Lock, ("citizen_id", "opening_id", "measure")),
        Table("forbids", "udelukkelser", Forbid, ("citizen_id", "opening_id", "workplace_id")),
        Table("places", "steder", Place, ("postcode",), needed=True),
        Table("travel_times", "rejsetider", TravelTime, ("from_postcode", "to_postcode", "mode")),
        Table("previous", "tidligere_forslag", Previous, ("citizen_id",)),
        Table("events", "hændelser", Happening, ("event", "day", "opening_id", "citizen_id")),
        Table("audit_groups", "revisionsgrupper", AuditGroup, ("citizen_id", "dimension")),
    )
}
"""All tables of the input by English name, in the order they are documented."""


def danish_name(record: type[Record], field: str) -> str:
    """Danish column name of a field."""
    marks: list[Any] = record.model_fields[field].metadata
    return next(mark.name for mark in marks if isinstance(mark, Danish))
