"""Rows about what there is to share out and where: openings, classes, mentors, courses."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from matcher.records.cells import (
    CAREFUL,
    HOURS,
    KRONER,
    LAST_DAY,
    MINUTES,
    STATED,
    Blocks,
    Codes,
    Danish,
    Grade,
    Holidays,
    Hours,
    Key,
    Level,
    Occupation,
    Postcode,
    Record,
    Sector,
    TravelMode,
)


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
    """Ordinary employees in full-time equivalents, mean of 4 months, without subsidised staff and
    those under 18: the ratio rule. Empty: not known; then what the policy's `unknown_fte_percent`
    says."""
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
    hours_min: Annotated[Annotated[Hours, Field(gt=0)], Danish("timer_min"), CAREFUL] = 37.0
    """Fewest hours a week the employer needs, reached at the end of the ramp. Empty: not known."""
    hours_max: Annotated[Annotated[Hours, Field(gt=0)], Danish("timer_maks")] = 37.0
    """Most hours a week the employer offers."""
    ramp_weeks: Annotated[int, Field(ge=0, le=104), Danish("optrapning_uger")] = 0
    """Weeks the employer gives to work up to the fewest hours."""
    shifts: Annotated[Blocks, Danish("vagter")]
    """When the work is done."""
    public_holidays: Annotated[Holidays | None, Danish("helligdage")] = None
    """Whether work goes on on public holidays: nobody begins on a day the workplace is closed.
    Empty: as the policy has it for the sector and the occupation."""
    start_from: Annotated[dt.date | None, Danish("start_fra")] = None
    """First day work can start. Empty: any day."""
    start_to: Annotated[dt.date | None, Danish("start_til"), LAST_DAY] = None
    """Last day work can start. Empty: the policy's longest lead."""
    oral_floor: Annotated[Level, Danish("krav_dansk_mundtlig"), CAREFUL] = 6
    """Spoken Danish the job asks for, 0-6. Empty: not known."""
    reading_floor: Annotated[Level, Danish("krav_dansk_læse"), CAREFUL] = 6
    """Reading of Danish the job asks for, 0-6. Empty: not known."""
    language_gap_ok: Annotated[
        Annotated[int, Field(ge=0, le=6)] | None, Danish("sproggab_ok"), STATED
    ] = None
    """Levels that may be missing when a Danish class runs beside the job. Empty or none: the
    policy's."""
    demand_lift: Annotated[Grade, Danish("krav_løft"), CAREFUL] = 3
    """Lifting: 0 under 3 kg, 1 under 8, 2 under 15, 3 more. Empty: not known."""
    demand_stand: Annotated[Grade, Danish("krav_stå"), CAREFUL] = 3
    """Standing and walking, 0-3. Empty: not known."""
    demand_bend: Annotated[Grade, Danish("krav_bøje"), CAREFUL] = 3
    """Bending, kneeling, twisting, 0-3. Empty: not known."""
    demand_reach: Annotated[Grade, Danish("krav_række"), CAREFUL] = 3
    """Arms above the shoulder, 0-3. Empty: not known."""
    demand_hand: Annotated[Grade, Danish("krav_hånd"), CAREFUL] = 3
    """Repetitive or fine hand work, 0-3. Empty: not known."""
    demand_push: Annotated[Grade, Danish("krav_skubbe"), CAREFUL] = 3
    """Pushing, pulling, moving people, 0-3. Empty: not known."""
    demand_stair: Annotated[Grade, Danish("krav_trappe"), CAREFUL] = 3
    """Stairs and uneven ground, 0-3. Empty: not known."""
    demand_pace: Annotated[Grade, Danish("krav_tempo"), CAREFUL] = 3
    """Pace and time pressure, 0-3. Empty: not known."""
    demand_cog: Annotated[Grade, Danish("krav_kognition"), CAREFUL] = 3
    """Complexity, attention and reading, 0-3. Empty: not known."""
    demand_soc: Annotated[Grade, Danish("krav_social"), CAREFUL] = 3
    """Contact with people, 0-3. Empty: not known."""
    demand_emo: Annotated[Grade, Danish("krav_følelse"), CAREFUL] = 3
    """Emotional strain, 0-3. Empty: not known."""
    demand_night: Annotated[Grade, Danish("krav_nat"), CAREFUL] = 3
    """Early, evening, night and weekend work, 0-3. Empty: not known."""
    demand_skin: Annotated[Grade, Danish("krav_hud"), CAREFUL] = 3
    """Wet work, chemicals, gloves and dust, 0-3. Empty: not known."""
    demand_env: Annotated[Grade, Danish("krav_miljø"), CAREFUL] = 3
    """Noise, heat and cold, 0-3. Empty: not known."""
    demand_care: Annotated[Grade, Danish("krav_pleje"), CAREFUL] = 3
    """Intimate care, pork and alcohol, 0-3. Empty: not known."""
    papers: Annotated[Codes, Danish("papirer"), STATED] = ()
    """Papers that must be in order before the start (codes of the data dictionary). Empty or none:
    no papers, as with most jobs; nobody would be left for a job that may ask for any."""
    measures: Annotated[Codes, Danish("foranstaltninger")] = ("ordinary",)
    """Measures the employer accepts (ids of the policy)."""
    mentor_hours: Annotated[Hours, Danish("egne_mentortimer")] = 0.0
    """Mentor hours a week the workplace itself gives each newcomer."""
    prospect: Annotated[Annotated[int, Field(ge=0, le=3)], Danish("udsigt")] = 0
    """Prospect of ordinary hours afterwards, as the employer states it: 0 none ... 3 agreed."""
    age_min: Annotated[int | None, Field(ge=15, le=75), Danish("alder_min"), STATED] = None
    """Lowest age, only where a law sets it for the work. Empty or none: no law sets one, as with
    most jobs."""
    age_max: Annotated[int | None, Field(ge=15, le=75), Danish("alder_maks"), STATED] = None
    """Highest age, only where a law sets it for the work. Empty or none: no law sets one."""
    unknown: Annotated[Codes, Danish("ukendt")] = ()
    """Columns of this row that nobody knows, by name; an empty cell says the same. Whatever stands
    in such a cell, the policy's careful value counts."""
    assumed: Annotated[Codes, Danish("antaget")] = ()
    """Columns of this row, or of its workplace, that nobody at the workplace has said: they come
    from the profile of the occupation. They count as they stand; every reason says what is
    assumed, until the employer has confirmed it."""


class LanguageClass(Record):
    """A Danish class with free seats (hold)."""

    team_id: Annotated[Key, Danish("hold_id")]
    """Id of the class."""
    level_from: Annotated[Level, Danish("niveau_fra"), STATED] = 0
    """Lowest spoken Danish of a learner who fits in. Empty or none: open to beginners."""
    level_to: Annotated[Level, Danish("niveau_til"), STATED] = 6
    """Highest spoken Danish of a learner who fits in. Empty or none: open to the highest."""
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
    hours: Annotated[float, Field(ge=0, le=100000), HOURS, Danish("timer_om_ugen")]
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
    cost: Annotated[int, Field(ge=0, le=100000), KRONER, Danish("pris_kr")] = 0
    """Price of a seat, DKK."""


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
    municipality: Annotated[Key | None, Danish("kommune")] = None
    """Municipality it lies in; only asked for where each municipality's week is run by itself."""


class TravelTime(Record):
    """A measured travel time between two postcodes (rejsetid)."""

    from_postcode: Annotated[Postcode, Danish("fra_postnr")]
    """Home."""
    to_postcode: Annotated[Postcode, Danish("til_postnr")]
    """Workplace."""
    mode: Annotated[TravelMode, Danish("transportmiddel")] = TravelMode.TRANSIT
    """How."""
    minutes: Annotated[Annotated[int, Field(ge=0, le=600)], MINUTES, Danish("minutter")]
    """Minutes one way."""
