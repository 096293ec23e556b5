"""The hard rules, a declaration each: what is compared, how, in which unit, and its sentences.

A rule compares a value with a limit: either the value must be *at most* the limit, or *at least*.
An offer that breaks a rule does not exist. Ids are never reused. The values are whole numbers in
the rule's unit; the sentence is rendered from them, so that a failure is data first. How value and
limit are worked out stands in :mod:`matcher.offers`; of a plain rule there is nothing to work out.

========== ==========================================================================
scope      what the rule looks at
========== ==========================================================================
citizen    the citizen alone
opening    the opening alone
pair       citizen and opening
measure    one measure for this citizen at this opening; the pair is lost when every
           measure the opening accepts is lost
offer      the finished offer: measure and supports together
========== ==========================================================================
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from matcher.records import HEALTH_CODES, LEVEL_NAMES, PAPERS
from matcher.texts import Figures
from matcher.texts import Language as Language

Unit = Literal["", "date", "minutes", "hours", "clock", "level", "grade", "count", "years",
               "months", "weeks", "points", "staff", "yes"]  # fmt: skip

NEVER = 4_000_000
"""A day number later than any date: the paper cannot be had."""
UNKNOWN = -1
"""A value that is not in the tables."""
UNKNOWN_YEARS = 999
"""A number of years that is not in the tables, where most is compared; as a limit: none."""


@dataclass(frozen=True)
class Rule:
    """A hard rule."""

    id: str
    """Unique, snake_case, never reused; the reason code."""
    scope: Literal["citizen", "opening", "pair", "measure", "offer"]
    """What it looks at."""
    sense: Literal["most", "least"]
    """Whether the value must be at most or at least the limit."""
    unit: Unit
    """Unit of value and limit: day number, minutes (a week, or of way), level, ..."""
    value: str
    """What the value is made of: columns (``table.column``), keys of the policy
    (``section.key``)."""
    limit: str
    """What the limit is made of; empty: a number that is part of the rule."""
    short_en: str
    """The rule's name in a table, English."""
    short_da: str
    """The rule's name in a table, Danish."""
    english: str
    """Sentence about a failure; ``{value}`` and ``{limit}`` are the two compared."""
    danish: str
    """The same in Danish."""
    plain: bool = False
    """Whether a column is compared with a column (for a measure, a key of it) as they stand: then
    this declaration is all there is. An empty limit is none; a value is never empty."""
    room: bool = False
    """Whether it speaks of room, not of the match."""
    bare: bool = False
    """Whether value and limit say nothing where it holds."""

    @property
    def scale(self) -> int:
        """Units of the rule in one of a column or key."""
        return {"hours": 60, "staff": 100}.get(self.unit, 1)

    @property
    def no_limit(self) -> int:
        """A limit that everything holds."""
        return 0 if self.sense == "least" else UNKNOWN_YEARS if self.unit == "years" else NEVER

    def breaks(self, value: Any, limit: Any) -> Any:
        """Whether values are on the wrong side of limits: numbers, or arrays of them."""
        return value > limit if self.sense == "most" else value < limit

    def short(self, language: Language) -> str:
        """Return the rule's name in a language."""
        return self.short_da if language == "da" else self.short_en

    def sentence(self, value: int, limit: int, language: Language) -> str:
        """Say what failed, with both values."""
        template = self.danish if language == "da" else self.english
        if self.unit == "date" and value >= NEVER:
            template = (
                "{name}: kan ikke nås i tide." if language == "da" else "{name}: out of reach."
            )
            return template.format(name=self.short(language))
        return template.format(
            value=shown(value, self.unit, language), limit=shown(limit, self.unit, language)
        )


def shown(value: int, unit: Unit, language: Language) -> str:
    """Write a value in its unit for people."""
    danish, figures = language == "da", Figures(language)
    if value == UNKNOWN or (unit == "years" and value >= UNKNOWN_YEARS):
        return "ukendt" if danish else "not known"
    if unit == "date":
        if value >= NEVER:
            return "aldrig" if danish else "never"
        return figures.date(dt.date.fromordinal(value))
    if unit == "hours":
        return f"{figures.hours(value)} {'timer' if danish else 'hours'}"
    if unit == "clock":
        return f"{value // 60:02d}:{value % 60:02d}"
    if unit == "level":
        return LEVEL_NAMES[value][1 if danish else 0]
    if unit == "staff":
        return figures.decimal(value / 100, 2)
    words = {
        "minutes": ("minutes", "minutter"),
        "years": ("years", "år"),
        "months": ("months", "måneder"),
        "weeks": ("weeks", "uger"),
        "points": ("points", "point"),
    }
    if unit in words:
        return f"{value} {words[unit][1 if danish else 0]}"
    return str(value)


def _health_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"health_{code}", "pair", "most", "grade",
            f"openings.demand_{code}", f"citizens.limit_{code} citizens.must_limits",
            f"Health: {english}", f"Skånehensyn: {danish}",
            f"The job asks for {english} of grade {{value}}; the citizen can take {{limit}} at"
            " most.",
            f"Jobbet kræver {danish} i grad {{value}}; borgeren kan højst klare {{limit}}.",
        )
        for code, (english, danish) in HEALTH_CODES.items()
    )  # fmt: skip


def _paper_rules() -> tuple[Rule, ...]:
    return tuple(
        Rule(
            f"paper_{code}", "pair", "most", "date",
            f"citizens.paper_{code} openings.papers courses.ready_on courses.seats",
            "openings.start_to openings.shifts openings.public_holidays",
            f"Paper: {english}", f"Papir: {danish}",
            f"The {english} can be ready on {{value}}; work must start by {{limit}}.",
            f"{danish[0].upper()}{danish[1:]} kan være klar {{value}}; jobbet skal begynde senest"
            " {limit}.",
        )
        for code, (english, danish) in PAPERS.items()
    )  # fmt: skip


_RULES = (
    Rule("already_placed", "citizen", "most", "count",
         "running.citizen_id running.end", "",
         "Already in a placement", "Allerede i et forløb",
         "The citizen already has {value} running placement.",
         "Borgeren er allerede i {value} igangværende forløb."),
    Rule("fewest_hours", "citizen", "least", "hours",
         "citizens.capacity_hours", "start.fewest_hours",
         "Too few hours to start with", "For få timer at begynde med",
         "The citizen can work {value} a week at the start; at least {limit} are needed.",
         "Borgeren kan arbejde {value} om ugen fra start; der skal mindst være {limit}."),
    Rule("opening_full", "opening", "least", "count",
         "openings.seats running.opening_id running.end", "",
         "No seat is free", "Ingen ledig plads",
         "The opening has {value} free seats; {limit} is needed.",
         "Stillingen har {value} ledige pladser; der skal bruges {limit}.", room=True),
    Rule("measure_none", "opening", "least", "count",
         "openings.measures", "",
         "No measure accepted is in force", "Ingen accepteret foranstaltning gælder",
         "The employer accepts {value} measures that are in force; {limit} is needed.",
         "Arbejdsgiveren accepterer {value} gældende foranstaltninger; der skal bruges {limit}.",
         bare=True),
    Rule("start_window", "pair", "most", "date",
         "citizens.available_from openings.start_from start.notice_days",
         "openings.start_to openings.shifts openings.public_holidays start.longest_lead_days",
         "Cannot start in time", "Kan ikke begynde i tide",
         "The citizen can start on {value} at the earliest; the last day of work to begin on is"
         " {limit}.",
         "Borgeren kan tidligst begynde {value}; den sidste arbejdsdag at begynde på er {limit}."),
    Rule("hours", "pair", "least", "hours",
         "citizens.capacity_hours citizens.ramp_hours openings.ramp_weeks", "openings.hours_min",
         "More hours than the citizen can work", "Flere timer end borgeren kan arbejde",
         "The citizen can work up to {value} a week; the job needs {limit}.",
         "Borgeren kan arbejde op til {value} om ugen; jobbet kræver {limit}."),
    Rule("day_hours", "pair", "most", "hours",
         "openings.hours_min openings.shifts", "citizens.capacity_hours_day",
         "Days too long", "For lange dage",
         "The job needs {value} a day; the citizen can work {limit} a day.",
         "Jobbet kræver {value} om dagen; borgeren kan arbejde {limit} om dagen."),
    Rule("duty_week", "pair", "most", "hours",
         "openings.hours_min citizens.class_blocks citizens.treatment_blocks", "duty_week.hours",
         "More than the week holds", "Mere end ugen kan rumme",
         "Job, class and treatment would take {value} a week; at most {limit} are allowed.",
         "Job, undervisning og behandling ville tage {value} om ugen; højst {limit} er tilladt."),
    Rule("shift_class", "pair", "most", "minutes",
         "openings.shifts citizens.class_blocks travel.buffer_minutes", "",
         "Work overlaps with Danish class", "Arbejdstiden falder sammen med danskundervisning",
         "Shift and Danish class overlap by {value} a week, travel included.",
         "Vagt og danskundervisning overlapper {value} om ugen, rejsetid medregnet."),
    Rule("shift_treatment", "pair", "most", "minutes",
         "openings.shifts citizens.treatment_blocks travel.buffer_minutes", "",
         "Work overlaps with treatment", "Arbejdstiden falder sammen med behandling",
         "Shift and treatment overlap by {value} a week, travel included.",
         "Vagt og behandling overlapper {value} om ugen, rejsetid medregnet."),
    Rule("shift_other", "pair", "most", "minutes",
         "openings.shifts citizens.other_blocks travel.buffer_minutes", "",
         "Work overlaps with other fixed times", "Arbejdstiden falder sammen med andre faste tider",
         "Shift and other fixed times overlap by {value} a week, travel included.",
         "Vagt og andre faste tider overlapper {value} om ugen, rejsetid medregnet."),
    Rule("shift_care", "pair", "most", "minutes",
         "openings.shifts citizens.care_blocks citizens.youngest_child "
         "citizens.partner_can_care citizens.household_id childcare.child_under",
         "",
         "Work outside childcare hours", "Arbejdstiden ligger uden for pasningstiden",
         "The citizen would be away {value} a week while the child has no care.",
         "Borgeren ville være væk {value} om ugen, mens barnet ikke kan passes."),
    Rule("odd_hours", "pair", "most", "minutes",
         "openings.shifts citizens.single_provider citizens.accepts_odd_hours odd_hours.blocks", "",
         "Odd hours for a single provider", "Skæve timer for eneforsørger",
         "The shift has {value} of early, evening, night or weekend work a week; a single provider"
         " must say yes first.",
         "Vagten har {value} tidligt, aften-, nat- eller weekendarbejde om ugen; en eneforsørger"
         " skal først sige ja."),
    Rule("early_transport", "pair", "least", "clock",
         "openings.shifts citizens.postcode workplaces.postcode citizens.has_car "
         "citizens.has_bicycle",
         "travel.first_transit",
         "No bus that early", "Ingen bus så tidligt",
         "The citizen would have to leave at {value}; the first bus is at {limit}.",
         "Borgeren skulle hjemmefra kl. {value}; første bus går kl. {limit}."),
    *_health_rules(),
    Rule("language_oral", "pair", "least", "level",
         "citizens.oral", "openings.oral_floor openings.language_gap_ok language.gap_with_class",
         "Spoken Danish too low", "For lidt mundtligt dansk",
         "The citizen's spoken Danish is {value}; the job can take {limit} with a class beside it.",
         "Borgerens mundtlige dansk er {value}; jobbet kan klares fra {limit} med danskhold ved"
         " siden af."),
    Rule("language_reading", "pair", "least", "level",
         "citizens.reading",
         "openings.reading_floor openings.language_gap_ok language.gap_with_class",
         "Reading too low", "For svage læsefærdigheder",
         "The citizen's reading is {value}; the job can take {limit} with a class beside it.",
         "Borgerens læsning er {value}; jobbet kan klares fra {limit} med danskhold ved siden af."),
    Rule("language_class", "pair", "least", "count",
         "citizens.oral citizens.reading openings.oral_floor openings.reading_floor "
         "teams.seats teams.level_from teams.level_to teams.blocks",
         "",
         "No Danish class fits beside the job", "Intet danskhold passer ved siden af jobbet",
         "The missing Danish could be learnt beside the job, but {value} classes with a free seat"
         " fit level and times; {limit} is needed.",
         "Det manglende dansk kunne læres ved siden af jobbet, men {value} hold med ledig plads"
         " passer i niveau og tid; der skal bruges {limit}."),
    *_paper_rules(),
    Rule("commute", "pair", "most", "minutes",
         "citizens.postcode workplaces.postcode citizens.has_car citizens.has_bicycle",
         "citizens.max_commute travel.hard_minutes",
         "Way to work too long", "For lang vej til arbejde",
         "The way to work takes {value}; at most {limit} are acceptable.",
         "Vejen til arbejde tager {value}; højst {limit} er rimeligt."),
    Rule("refusal", "pair", "most", "count",
         "citizens.refusals openings.isco", "",
         "Occupation ruled out by the citizen", "Fag fravalgt af borgeren",
         "The citizen has good reason not to take this occupation.",
         "Borgeren har god grund til ikke at tage dette fag."),
    Rule("age_min", "pair", "least", "years",
         "citizens.age", "openings.age_min",
         "Too young by law for the work", "For ung til arbejdet efter loven",
         "The citizen is {value}; the law asks for {limit} for this work.",
         "Borgeren er {value}; loven kræver {limit} til dette arbejde.", plain=True),
    Rule("age_max", "pair", "most", "years",
         "citizens.age", "openings.age_max",
         "Too old by law for the work", "For gammel til arbejdet efter loven",
         "The citizen is {value}; the law allows {limit} for this work.",
         "Borgeren er {value}; loven tillader {limit} til dette arbejde.", plain=True),
    Rule("forbidden", "pair", "most", "count",
         "forbids.citizen_id forbids.opening_id forbids.workplace_id forbids.until", "",
         "Ruled out by a caseworker", "Udelukket af en sagsbehandler",
         "A caseworker has ruled out this match.",
         "En sagsbehandler har udelukket dette match.", bare=True),
    Rule("mentor", "pair", "least", "hours",
         "mentor_pools.hours mentor_pools.workplace_id mentor_pools.municipality "
         "running.mentor_hours",
         "citizens.mentor_hours openings.mentor_hours",
         "No mentor has the hours", "Ingen mentor har timerne",
         "The citizen needs {limit} of mentor a week; the largest pool has {value} left.",
         "Borgeren har brug for {limit} med mentor om ugen; den største pulje har {value}"
         " tilbage."),
    Rule("sector", "measure", "least", "yes",
         "workplaces.sector", "measures.sectors",
         "Measure not for this sector", "Foranstaltningen gælder ikke denne sektor",
         "The measure may not be used in this sector.",
         "Foranstaltningen kan ikke bruges i denne sektor."),
    Rule("category", "measure", "least", "yes",
         "citizens.category", "measures.categories",
         "Measure not for this category", "Foranstaltningen gælder ikke denne målgruppe",
         "The measure is not open to the citizen's category (visitation).",
         "Foranstaltningen er ikke åben for borgerens visitation."),
    Rule("target_group", "measure", "least", "yes",
         "citizens.benefit citizens.assistance_months_48 citizens.passed_pd2 "
         "citizens.completed_grade6",
         "measures.target_group",
         "Not in the target group", "Ikke i målgruppen",
         "The citizen is in neither route of the target group of the nytteindsats.",
         "Borgeren er ikke i målgruppen for nytteindsatsen ad nogen af de to veje."),
    Rule("duration_left", "measure", "least", "weeks",
         "citizens.category citizens.integration_act citizens.practice_weeks_used "
         "citizens.subsidy_weeks_used citizens.nytteindsats_weeks_used measures.weeks "
         "measures.weeks_used",
         "",
         "Measure used up", "Foranstaltningen er brugt op",
         "The citizen has {value} left of the measure; at least {limit} are needed.",
         "Borgeren har {value} tilbage af foranstaltningen; der skal mindst være {limit}."),
    Rule("prior_benefit", "measure", "least", "months",
         "citizens.benefit_months",
         "citizens.qualifying_education citizens.age citizens.single_provider "
         "measures.prior_benefit prior_benefit.months",
         "Too short on benefit", "For kort tid på ydelse",
         "The citizen has had benefit for {value}; {limit} are needed and no exception applies.",
         "Borgeren har haft ydelse i {value}; der kræves {limit}, og ingen undtagelse gælder."),
    Rule("last_employer", "measure", "most", "yes",
         "citizens.last_employer workplaces.employer_id measures.bars_last_employer", "",
         "Last employer is barred", "Seneste arbejdsgiver er udelukket",
         "The measure may not be used at the citizen's last employer.",
         "Foranstaltningen kan ikke bruges hos borgerens seneste arbejdsgiver."),
    Rule("ratio", "measure", "least", "count",
         "workplaces.ordinary_staff workplaces.ordinary_fte workplaces.other_ratio_places "
         "running.measure measures.ratio_rule",
         "",
         "Ratio rule: workplace full", "Rimelighedskravet: arbejdspladsen er fyldt",
         "The workplace has {value} places left under the ratio rule (rimelighedskrav); {limit} is"
         " needed.",
         "Arbejdspladsen har {value} pladser tilbage efter rimelighedskravet; der skal bruges"
         " {limit}.", room=True),
    Rule("net_increase", "measure", "least", "staff",
         "workplaces.staff_last_month workplaces.employer_id",
         "workplaces.staff_mean_12m measures.net_increase",
         "No net increase of staff", "Ingen merbeskæftigelse",
         "The employer had {value} ordinary staff last month against a mean of {limit}"
         " (merbeskæftigelse).",
         "Arbejdsgiveren havde {value} ordinært ansatte sidste måned mod et snit på {limit}"
         " (merbeskæftigelse)."),
    Rule("dismissal", "measure", "most", "yes",
         "workplaces.dismissed_3m measures.net_increase", "",
         "Post vacated by dismissal", "Stillingen er ledig efter afskedigelse",
         "Such a post was vacated by dismissal in the last three months.",
         "En sådan stilling er blevet ledig ved afskedigelse inden for tre måneder."),
    Rule("representative", "measure", "least", "yes",
         "workplaces.representative_agrees", "measures.representative measures.net_increase",
         "Employees' representative not heard", "Medarbejderrepræsentanten er ikke hørt",
         "The employees' representative has not signed or been informed.",
         "Medarbejdernes repræsentant har ikke skrevet under eller er ikke orienteret."),
    Rule("measure_age_min", "measure", "least", "years",
         "citizens.age", "measures.age_min",
         "Too young for the measure", "For ung til foranstaltningen",
         "The citizen is {value}; the measure starts at {limit}.",
         "Borgeren er {value}; foranstaltningen gælder fra {limit}.", plain=True),
    Rule("measure_age_max", "measure", "most", "years",
         "citizens.age", "measures.age_max",
         "Too old for the measure", "For gammel til foranstaltningen",
         "The citizen is {value}; the measure ends at {limit}.",
         "Borgeren er {value}; foranstaltningen gælder til {limit}.", plain=True),
    Rule("residence", "measure", "least", "yes",
         "citizens.refugee_or_reunified", "measures.refugee_or_reunified",
         "Residence on another basis", "Opholdet har et andet grundlag",
         "The measure is for refugees and their reunified families.",
         "Foranstaltningen er for flygtninge og familiesammenførte til dem."),
    Rule("years_in_denmark", "measure", "most", "years",
         "citizens.years_in_denmark", "measures.years_in_denmark_max",
         "Too long in Denmark", "For længe i Danmark",
         "The citizen's years in Denmark: {value}; the measure allows {limit}.",
         "Borgerens år i Danmark: {value}; foranstaltningen tillader {limit}."),
    Rule("recent_job_there", "measure", "least", "months",
         "citizens.months_since_job citizens.last_employer workplaces.employer_id",
         "measures.months_since_job_there",
         "Recently employed there", "Nylig ansat samme sted",
         "The citizen left an ordinary job there {value} ago; {limit} are needed.",
         "Borgeren forlod et ordinært job samme sted for {value} siden; der kræves {limit}."),
    Rule("measure_hours", "measure", "least", "hours",
         "openings.hours_max openings.shifts citizens.capacity_hours_day "
         "citizens.capacity_hours citizens.class_blocks measures.school_hours "
         "duty_week.hours",
         "openings.hours_min measures.hours_min",
         "Too few hours for the measure", "For få timer til foranstaltningen",
         "The citizen can have {value} a week in this job; the measure needs {limit}.",
         "Borgeren kan få {value} om ugen i dette job; foranstaltningen kræver {limit}."),
    Rule("support_week", "offer", "least", "hours",
         "openings.hours_max openings.shifts citizens.capacity_hours_day "
         "citizens.capacity_hours citizens.class_blocks teams.blocks duty_week.hours",
         "openings.hours_min measures.hours_min start.fewest_hours",
         "Job and supports do not fit the week", "Job og støtte kan ikke være i ugen",
         "With class and school beside it the job could have {value} a week; {limit} are needed.",
         "Med undervisning ved siden af kunne jobbet få {value} om ugen; der kræves {limit}."),
    Rule("fit_floor", "offer", "least", "points",
         "", "fit.floor",
         "Not suitable enough", "Ikke egnet nok",
         "The best fit is {value}; a suitable placement needs {limit}.",
         "Bedste egnethed er {value}; en egnet placering kræver {limit}."),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""All hard rules by id, in the order they are checked and shown."""
REACH = "commute"
"""The rule that says what is in reach: counted over all openings, and told apart."""
