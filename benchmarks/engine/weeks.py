"""Bare programs shaped like a made-up week: groups, places, shared resources, three tiers.

Sizes scale by the number of groups; everything else keeps its ratio, so the programs of one
recipe differ in size only. No records, no rules: arrays straight from a seeded generator.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from matcher.engine import Program

VARIANTS = 3
_BLOCK = 4_000


def week(
    n_groups: int = 1_550,
    *,
    seed: int = 1,
    per_group: int = 94,
    tiers: int = 3,
    knots: float = 1.0,
) -> Program:
    """Return a program of n_groups groups with about per_group columns each.

    Rows, in this order: seats per place, intake per site (of about three places), mentor hours
    per pool and one shared pool, seats per class, follow-ups per caseworker, money per line.
    """
    rng = np.random.default_rng([seed, n_groups])
    places = max(2, round(n_groups * 600 / 1_550))
    sites, pools = max(1, places // 3), max(1, places // 6)
    classes, workers, lines = max(1, n_groups // 50), max(1, n_groups // 40), 5
    counts = (places, sites, pools + 1, classes, workers, lines)
    first = np.concatenate(([0], np.cumsum(counts)))
    m = int(first[-1])
    site_of = rng.integers(0, sites, places)
    pool_of = rng.integers(0, pools, sites)
    seats = 1 + rng.poisson(1.0, places)
    spot = rng.random((places, 4))
    appeal = rng.normal(0, 60, places)
    worker_of = rng.integers(0, workers, n_groups)
    nearness = rng.random(n_groups)
    wishes = rng.random((n_groups, 4))
    # Most groups need no mentor hours anywhere; the rest one to three, less in a class.
    need = np.where(rng.random(n_groups) < 1 - 0.3 * knots, 0.0, rng.random(n_groups))
    parts = []
    pairs = per_group / 2.0
    for low in range(0, n_groups, _BLOCK):
        groups = np.arange(low, min(low + _BLOCK, n_groups))
        # Each group sees a window of places (its commute) of about four times its columns.
        reach = min(places, round(4 * pairs))
        begin = (nearness[groups] * places).astype(np.int64)
        seen = (begin[:, None] + np.arange(reach)[None, :]) % places
        open_ = rng.random(seen.shape) < pairs / reach
        who, which = np.nonzero(open_)
        place = seen[who, which]
        who = groups[who]
        away = np.abs(wishes[who] - spot[place]).sum(axis=1)
        base = 800 - 220 * away + appeal[place] + rng.normal(0, 40, who.size)
        rough = need[who] + rng.random(who.size) * 0.5
        for kind in range(VARIANTS):
            keep = rng.random(who.size) < (0.95, 0.65, 0.40)[kind]
            i, j, level = who[keep], place[keep], rough[keep]
            fit = base[keep] + (0, 45, 90)[kind] + rng.normal(0, 12, i.size)
            mentor = np.maximum(0, np.round(level * 3 - (0.3, 0.3, 0.9)[kind])).astype(np.int64)
            money = ((0, 900, 1_800)[kind] + 300 * rng.integers(0, 2, i.size)).astype(np.int64)
            lesson = np.where(np.full(i.size, kind == 2), i * 7919 % classes, -1)
            good = fit >= 400
            parts.append(
                np.stack((i, j, fit.clip(0, 1000).astype(np.int64), mentor, money, lesson))[:, good]
            )
    i, j, fit, mentor, money, lesson = np.concatenate(parts, axis=1)
    order = np.lexsort((j, i))
    i, j, fit, mentor, money, lesson = (a[order] for a in (i, j, fit, mentor, money, lesson))
    n = i.size
    column = np.arange(n)
    has = mentor > 0
    taught = lesson >= 0
    row = np.concatenate(
        (
            first[0] + j,
            first[1] + site_of[j],
            first[2] + pool_of[site_of[j[has]]],
            np.full(int(has.sum()), first[2] + pools),
            first[3] + lesson[taught],
            first[4] + worker_of[i],
            first[5] + j[money > 0] % lines,
        )
    ).astype(np.int32)
    col = np.concatenate(
        (
            column,
            column,
            column[has],
            column[has],
            column[taught],
            column,
            column[money > 0],
        )
    ).astype(np.int32)
    use = np.concatenate(
        (
            np.ones(2 * n, np.int64),
            mentor[has],
            mentor[has],
            np.ones(int(taught.sum()), np.int64),
            np.ones(n, np.int64),
            money[money > 0],
        )
    )
    uses = sp.csr_array((use, (row, col)), shape=(m, n), dtype=np.int64)
    per_site = np.bincount(site_of, weights=seats, minlength=sites).astype(np.int64)
    upper = np.concatenate(
        (
            seats,
            np.maximum(1, -(-per_site * 9 // 10)),
            rng.poisson(0.45 * n_groups / pools, pools),
            [round(0.36 * n_groups)],
            rng.poisson(8, classes),
            rng.poisson(38, workers),
            np.full(lines, round(620 * n_groups / lines)),
        )
    ).astype(np.int64)
    ticket = (column.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(54)
    gains = np.stack((np.ones(n, np.int64), fit, ticket.astype(np.int64)))[:tiers]
    return Program(i, n_groups, gains, uses, upper)
