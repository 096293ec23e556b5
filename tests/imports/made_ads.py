"""Made-up ads as Jobnet gives them, with the occupation each is of; drawn from a seed.

Titles are not drawn from the program's own list: they are what employers write, by occupation, with
who, where and how many around them. The list of occupations a team would have saved is made up too:
some of the concepts of the ads, with aliases. A few ads name no occupation at all.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STAR = "http://data.star.dk/esco/occupation/"
ESCO = "http://data.europa.eu/esco/occupation/"

# ISCO-08, share of 1,000, titles as employers write them, names that a saved list has.
OCCUPATIONS: tuple[tuple[str, int, tuple[str, ...], tuple[str, ...]], ...] = (
    ("9112", 110, ("Rengøringsassistent", "Rengøringsmedarbejder", "Stuepige", "Hotelrengøring",
                   "Serviceassistent", "Rengøringsassistenter", "Aftenrengøring",
                   "Medarbejder til rengøring", "Husassistent", "Rengøringshjælp"),
     ("Rengøringsassistent", "Hotelstuepige")),
    ("9412", 70, ("Køkkenmedhjælper", "Opvasker", "Køkkenassistent", "Køkkenmedarbejder",
                  "Medarbejder til køkkenet", "Opvaskere", "Køkkenhjælp"),
     ("Køkkenmedhjælper", "Opvasker")),
    ("5120", 45, ("Kok", "Kokke", "Souschef kok", "Ernæringsassistent", "Smørrebrødsjomfru"),
     ("Kok", "Ernæringsassistent")),
    ("5131", 35, ("Tjener", "Tjenere", "Restaurantmedarbejder", "Serveringsmedarbejder"),
     ("Tjener",)),
    ("5246", 25, ("Kantinemedarbejder", "Kantinemedhjælper", "Cafémedarbejder"), ("Kantinehjælp",)),
    ("5321", 90, ("Social- og sundhedshjælper", "SOSU-hjælper", "Plejemedhjælper",
                  "Social- og sundhedshjælpere", "SSH'er", "Ferieafløser til plejehjem"),
     ("Social- og sundhedshjælper",)),
    ("3221", 70, ("Social- og sundhedsassistent", "SOSU-assistent", "Sosu-assistenter"),
     ("Social- og sundhedsassistent",)),
    ("5322", 30, ("Handicaphjælper", "Hjemmehjælper", "BPA-hjælper", "Personlig hjælper"),
     ("Handicaphjælper",)),
    ("5311", 50, ("Pædagogmedhjælper", "Pædagogmedhjælpere", "Dagplejer",
                  "Medhjælper til vuggestue"), ("Pædagogmedhjælper", "Dagplejer")),
    ("2342", 40, ("Pædagog", "Pædagoger", "Uddannet pædagog"), ("Pædagog",)),
    ("2341", 40, ("Lærer", "Folkeskolelærer", "Lærere", "Dansklærer"),
     ("Folkeskolelærer", "Dansklærer")),
    ("2221", 45, ("Sygeplejerske", "Sygeplejersker", "Anæstesisygeplejerske"), ("Sygeplejerske",)),
    ("9333", 65, ("Lagermedarbejder", "Lagermedarbejdere", "Terminalmedarbejder", "Lagermand",
                  "Medarbejder til lager", "Flyttemand"), ("Lagermedarbejder",)),
    ("8344", 15, ("Truckfører", "Gaffeltruckfører", "Reachtruckfører"), ("Truckfører",)),
    ("9321", 25, ("Pakker", "Pakkerimedarbejder", "Pakkemedarbejder"), ("Pakkerimedarbejder",)),
    ("9334", 25, ("Varefylder", "Morgenopfylder", "Servicemedarbejder i butik"), ("Varefylder",)),
    ("5223", 55, ("Butiksassistent", "Butiksmedarbejder", "Salgsassistent", "Ekspedient",
                  "Bagerekspedient", "Butiksassistenter"), ("Butiksassistent",)),
    ("9329", 40, ("Produktionsmedarbejder", "Fabriksarbejder", "Produktionsmedarbejdere",
                  "Industrimedarbejder"), ("Produktionsmedarbejder",)),
    ("8160", 15, ("Procesoperatør", "Medarbejder til fødevareproduktion"), ("Procesoperatør",)),
    ("5153", 20, ("Teknisk servicemedarbejder", "Pedel", "Ejendomsservicetekniker", "Vicevært"),
     ("Teknisk servicemedarbejder",)),
    ("8322", 15, ("Varebilschauffør", "Taxachauffør", "Flexchauffør"), ("Varebilschauffør",)),
    ("8332", 20, ("Lastbilchauffør", "Distributionschauffør", "Kranbilchauffør"),
     ("Lastbilchauffør", "Kranbilchauffør")),
    ("8331", 10, ("Buschauffør", "Buschauffører"), ("Buschauffør",)),
    ("7115", 15, ("Tømrer", "Tømrersvende", "Snedker"), ("Tømrer",)),
    ("7411", 15, ("Elektriker", "Elektrikere", "Elmontør"), ("Elektriker",)),
    ("4110", 25, ("Kontorassistent", "Administrativ medarbejder", "Kontorelev"),
     ("Kontorassistent",)),
    ("2512", 15, ("Softwareudvikler", "Software Engineer, backend", "Systemudvikler"),
     ("Programmør",)),
    ("2635", 15, ("Socialrådgiver", "Socialrådgivere"), ("Socialrådgiver",)),
    # Known from the saved list alone.
    ("7316", 10, ("Skiltemaler", "Skiltemalere"), ("Skiltemaler",)),
    ("3257", 10, ("Arbejdsmiljøkonsulent",), ("Arbejdsmiljøkonsulent",)),
)  # fmt: skip
NOTHING = ("Vil du være med på holdet?", "Har du lyst til en ny udfordring", "Vi mangler dig!",
           "Uopfordret ansøgning", "Fritidsjob til unge")  # fmt: skip
AROUND = ("{}", "{} til {place}", "{} søges", "{}, {hours} timer", "Vi søger {}", "{} (m/k)",
          "Erfaren {} til travl hverdag", "2 stk. {}", "{} - {place}", "Dygtig {} hos {employer}",
          "Engageret {} søges til {place}", "{} / vikar", "{} med start snarest")  # fmt: skip
PLACES = ("Aarhus N", "Viby", "afdeling i Risskov", "vores hus i Brabrand", "Skejby")
EMPLOYERS = ("Aarhus Kommune", "Region Midtjylland", "Rent & Pænt A/S", "Hotel Åen",
             "Nordlager ApS", "Café Sol")  # fmt: skip
POSTCODES = ("8000", "8200", "8210", "8220", "8240", "8260")


def concept(isco: str, name: str) -> str:
    """Identifier of a concept: what a real one would be, a UUID."""
    draw = random.Random(f"{isco}{name}")
    digits = "".join(draw.choice("0123456789abcdef") for _ in range(32))
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def made_ads(count: int = 1000, seed: int = 17) -> Iterator[tuple[dict[str, Any], str]]:
    """Ads and the code each is of; empty where the ad names no occupation."""
    draw = random.Random(seed)
    rows = [one for one in OCCUPATIONS for _ in range(one[1])]
    for number in range(count):
        nameless = draw.random() < 0.03
        isco, _, titles, names = draw.choice(rows)
        title = draw.choice(NOTHING) if nameless else draw.choice(titles)
        employer = draw.choice(EMPLOYERS)
        if not nameless:
            if draw.random() < 0.3:
                title = title.lower() if draw.random() < 0.5 else title.upper()
            title = draw.choice(AROUND).format(
                title, place=draw.choice(PLACES), hours=draw.choice((15, 25, 30)), employer=employer
            )
        name = draw.choice(names)
        with_concept = not nameless and (draw.random() < 0.3 or isco in {"7316", "3257"})
        part = draw.random() < 0.4
        yield (
            {
                "jobAdId": f"{number:08x}-0000-4000-8000-000000000000",
                "title": title,
                "hiringOrgName": employer,
                "cvr": str(10_000_000 + 37 * EMPLOYERS.index(employer)),
                "occupation": name if with_concept else "",
                "conceptUriDa": f"{STAR}{concept(isco, name)}" if with_concept else "",
                "postalCode": int(draw.choice(POSTCODES)),
                "country": "Danmark",
                "publicationDate": "2026-11-20T00:00:00+01:00",
                "applicationDeadline": "2026-12-10T00:00:00+01:00",
                "workHourPartTime": part,
                "dailyWorkTime": draw.choice(("", "1", "3", "Aften, nat, weekend")),
                "description": "<p>Hvad vi tilbyder</p>",
            },
            "" if nameless else isco,
        )


def write_ads(path: Path, ads: list[dict[str, Any]]) -> Path:
    """Save ads as the search answers."""
    content = {"searchFacets": {"regions": []}, "jobAds": ads, "totalJobAdCount": len(ads)}
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def write_esco(path: Path) -> Path:
    """Save a list of occupations as ESCO has it."""
    lines = ["conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,status"]
    for isco, _, titles, names in OCCUPATIONS:
        for name in names:
            aliases = "\n".join(titles[:1]) if isco in {"7316", "3257"} else ""
            lines.append(
                f'Occupation,{ESCO}{concept(isco, name)},{isco},{name},"{aliases}",released'
            )
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
