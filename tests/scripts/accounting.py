#!/usr/bin/env python3
"""Recomputes the privacy accounting of a published release, independently of the programme that made it.

    python3 accounting.py RELEASE.json

Needs nothing but Python 3.8 and one JSON export (`payung release export --format json`). Everything is derived again from the
caps in words: how much one person can move the cells of each level (by trying every history that the caps allow), what that
costs under the published noise scales (exact fractions), what a release debits, what a calendar year can cost at worst, and
what that means as (epsilon, delta). Any published number that is smaller than what follows is a failure.

Exit code 0: everything agrees. 1: something does not; each line says what. 2: the file cannot be read.
"""

import itertools
import json
import math
import sys
from fractions import Fraction

NANO = 10**9
RELEASES_A_YEAR = 4
HORIZON = 20  # quarters of one block of a running total
BUDGETS = {"strict": 24_400_000, "default": 88_200_000, "wide": 311_100_000}
BINS = 12  # fifteen-day bins of a course
THIRD = Fraction(1, 3)


def percent(*parts):
    return [Fraction(part, 100) for part in parts]


def parts(names, *values):
    return dict(zip(names.split(), values))


FLOWS = parts("total city city-service", THIRD, THIRD, THIRD)
COHORT = parts("cohort ends curve", *percent(15, 25, 60))
# Table: per cent of a year's budget, releases a year, releases that share one bound, and each level's part of the table's share.
CATALOGUE = {
    "A": (28, 4, 1, parts("total city city-group", *percent(15, 25, 60))),
    "B": (23, 4, 1, parts("service city-service", *percent(30, 70))),
    "D": (9, 4, 4, FLOWS),
    "DY": (4, 1, 1, parts("service city-service", *percent(30, 70))),
    "E": (5, 4, 4, FLOWS),
    "F": (10, 4, 4, parts("city", Fraction(1))),
    "G": (6, 1, 1, COHORT),
    "GS": (2, 1, 1, COHORT),
    "S": (2, 1, 1, parts("total city", *percent(40, 60))),
    "L": (2, 1, 1, parts("delay city-delay", *percent(40, 60))),
    "C": (4, 1, 1, parts("stage city-stage", *percent(40, 60))),
}
RESERVE = 5  # per cent, for revisions
CAPS = (
    "active: one cell per quarter (city of the latest contact, group on record)",
    "services: at most three per quarter, in the city of the latest contact",
    "drop-outs: at most two per calendar year, at most one per service and year",
    "returns: at most two per calendar year, at most one per service and year",
    "first enrolment: one per life",
    "time to drop-out: one enrolment per cohort; by service at most two services per cohort, one enrolment of each",
    "moves without a recorded transfer: at most one per calendar year",
    "linkage to treatment: one per life",
    "cascade: one stage per year",
)

failures = []


def check(good, text):
    if not good:
        failures.append(text)


# --- how far one person can move a level, squared, from the caps alone -------------------------------------------------


def square(cells):
    """Squared Euclidean length of the counts in a list of cells."""
    return sum(cells.count(cell) ** 2 for cell in set(cells))


def worst_one(coarse):
    """One cell (city, other); two of each show every pattern."""
    return max(square([coarse(city, other)]) for city in range(2) for other in range(2))


def worst_services(coarse):
    """None to three different services in one quarter, all in one city."""
    choices = itertools.chain.from_iterable(itertools.combinations(range(4), size) for size in range(4))
    return max(square([coarse(0, service) for service in services]) for services in choices)


def worst_flows(coarse, quarters):
    """None to two events in so many quarters of a year, in any cities, of different services."""
    places = list(itertools.product(range(quarters), range(2), range(2)))
    two = [pair for pair in itertools.product(places, repeat=2) if pair[0][2] != pair[1][2]]
    histories = [()] + [(one,) for one in places] + two
    return max(square([(quarter, coarse(city, service)) for quarter, city, service in one]) for one in histories)


def coefficients(count):
    """r_k = C(2k, k) / 4^k: the square root of the matrix of prefix sums."""
    return [Fraction(math.comb(2 * k, k), 4**k) for k in range(count)]


def worst_first_of_a_year():
    """One enrolment in a life moves later measurements by r_0, r_1, ..: the most of it in four releases in a row."""
    r = coefficients(HORIZON)
    windows = range(1 - HORIZON, HORIZON)
    best = max(sum(r[k] ** 2 for k in range(HORIZON) if start <= k < start + RELEASES_A_YEAR) for start in windows)
    return best * 16 ** (HORIZON - 1)


def worst_course(services):
    """One end in bin j of one of two courses, for so many services: it moves bins j, j + 1, .. by r_0, r_1, .. ."""
    r = coefficients(BINS)
    return max(sum(r[n - j] ** 2 for n in range(j, BINS)) for j in range(BINS)) * 16 ** (BINS - 1) * services


def nothing(city, other):
    return 0


def first(city, other):
    return city


def second(city, other):
    return other


def both(city, other):
    return (city, other)


WORST = {
    ("A", "total"): worst_one(nothing),
    ("A", "city"): worst_one(first),
    ("A", "city-group"): worst_one(both),
    ("B", "service"): worst_services(second),
    ("B", "city-service"): worst_services(both),
    ("DY", "service"): worst_flows(second, 1),
    ("DY", "city-service"): worst_flows(both, 1),
    ("F", "city"): worst_first_of_a_year(),
    ("G", "cohort"): 1,
    ("G", "ends"): worst_one(second),
    ("G", "curve"): worst_course(1),
    # Two different services, each an enrolment with one end.
    ("GS", "cohort"): 2,
    ("GS", "ends"): 2,
    ("GS", "curve"): worst_course(2),
    ("S", "total"): worst_one(nothing),
    ("S", "city"): worst_one(first),
    ("L", "delay"): worst_one(second),
    ("L", "city-delay"): worst_one(both),
    ("C", "stage"): worst_one(second),
    ("C", "city-stage"): worst_one(both),
}
for letter in ("D", "E"):
    WORST[(letter, "total")] = worst_flows(nothing, RELEASES_A_YEAR)
    WORST[(letter, "city")] = worst_flows(first, RELEASES_A_YEAR)
    WORST[(letter, "city-service")] = worst_flows(both, RELEASES_A_YEAR)


# --- rho to (epsilon, delta): Canonne, Kamath, Steinke 2020, proposition 7, by bisection and golden section ---------------


def log_delta(rho, epsilon):
    """Natural logarithm of the smallest delta, over the order alpha > 1 (convex in log(alpha - 1) near its minimum)."""

    def at(x):
        alpha = 1 + math.exp(x)
        return (alpha - 1) * (alpha * rho - epsilon) - x + alpha * math.log1p(-1 / alpha)

    low, high = -12.0, 12.0
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(200):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if at(left) < at(right) else (left, high)
    return at((low + high) / 2)


def epsilon(rho, delta):
    low, high = 0.0, rho + 2 * math.sqrt(rho * math.log(1 / delta)) + 1
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if log_delta(rho, middle) <= math.log(delta) else (middle, high)
    return high


# --- the release ------------------------------------------------------------------------------------------------------------


def quarter_number(text):
    year, quarter = text.split("Q")
    return int(year) * 4 + int(quarter) - 1


def level_cost(table, level, year_budget):
    """Checks one level; returns (debit of a release, exact worst cost of a calendar year), in nano-rho."""
    share, releases, span, levels = CATALOGUE[table["table"]]
    name = f"table {table['table']} level {level['level']}"
    bound, sigma = Fraction(level["l2_squared"]), Fraction(level["sigma"])
    worst = WORST[(table["table"], level["level"])]
    check(worst <= bound, f"{name}: one person can move it by {worst}, the release says {bound}")
    check(worst == bound, f"{name}: the bound {bound} is larger than the worst history needs ({worst})")
    span_cost = worst / (2 * sigma * sigma) * NANO
    debit = level["nano_rho"]
    check(span_cost <= debit * span, f"{name}: a person can lose {float(span_cost):.0f}, debited are {debit * span}")
    allowed = year_budget * Fraction(share, 100) * levels[level["level"]] / releases
    check(debit <= allowed, f"{name}: {debit} debited, the share allows {float(allowed):.0f} a release")
    check(debit >= allowed * Fraction(99, 100), f"{name}: {debit} debited wastes more than a hundredth of the share")
    of_year = span_cost * releases / span
    print(f"  {level['level']:<12} bound {float(bound):<12.6g} sigma {float(sigma):<12.6g} debit {debit:>9} nano-rho"
          f"   at worst in a calendar year {float(of_year):>12.0f}")
    return debit, of_year


def expected_tables(release):
    """Annual tables come with the fourth quarter; tables turned off do not come."""
    last = release["period"].endswith("Q4")
    off = release.get("off", [])
    return [code for code, entry in CATALOGUE.items() if (last or entry[1] == RELEASES_A_YEAR) and code not in off]


def tables(release, year_budget):
    """Checks every table; returns the debits of a year's four releases and its exact worst cost, by quarterly and annual tables."""
    debits, worst = {RELEASES_A_YEAR: 0, 1: 0}, Fraction(0)
    found = [table["table"] for table in release["tables"]]
    check(found == expected_tables(release), "the tables are not those of the catalogue")
    for table in release["tables"]:
        _, releases, span, levels = CATALOGUE[table["table"]]
        print(f"table {table['table']}: {table['title']}")
        every = {RELEASES_A_YEAR: "quarter", 1: "year"}[releases]
        check(table["every"] == every, f"table {table['table']} is one of every {every}")
        check(table["releases_in_bound"] == span, f"table {table['table']}: {span} releases share a bound")
        check([level["level"] for level in table["levels"]] == list(levels), f"table {table['table']}: levels differ")
        costs = [level_cost(table, level, year_budget) for level in table["levels"]]
        check(table["nano_rho"] == sum(debit for debit, _ in costs), f"table {table['table']}: its levels do not add up")
        debits[releases] += table["nano_rho"]
        worst += sum(of_year for _, of_year in costs)
    return debits, worst


def account(release):
    if release["version"] != 1:
        raise ValueError("a revision debits the reserve: give the first version")
    privacy = release["privacy"]
    year_budget = BUDGETS[privacy["budget"]]
    check(privacy["year_nano_rho"] == year_budget, "the year's budget is not that of its name")
    check(tuple(privacy["caps"]) == CAPS, "the caps are not those that were reckoned with")
    check(sum(entry[0] for entry in CATALOGUE.values()) + RESERVE == 100, "the shares are not the whole budget")
    debits, worst = tables(release, year_budget)
    period, start = quarter_number(release["period"]), quarter_number(release["start"])
    releases = period - max(start, period - period % 4) + 1
    spent = releases * debits[RELEASES_A_YEAR] + debits[1]
    check(privacy["spent_in_year_nano_rho"] == spent, "the debits of the year are not those of its releases")
    full = RELEASES_A_YEAR * debits[RELEASES_A_YEAR] + debits[1]
    left = Fraction(year_budget * (100 - RESERVE), 100)
    check(full <= left, "a year's debits pass the budget")
    check(worst <= left, f"one person can lose {float(worst):.0f} in a year, {float(left):.0f} are for the tables")
    print(f"debits of these tables in a full year {full}, at worst {float(worst):.0f}, budget {year_budget} nano-rho")
    for guarantee in privacy["guarantees"]:
        delta = guarantee["delta"]
        for field, years in (("epsilon_year", 1), ("epsilon_ten_years", 10)):
            exact = epsilon(years * year_budget / NANO, delta)
            told = guarantee[field]
            print(f"epsilon of {years} year(s) at delta {delta:g}: {exact:.4f}, the release says {told}")
            check(exact - 1e-4 <= told <= exact + 0.002, f"{field} at delta {delta:g} is {told}, not {exact:.4f}")


def main(arguments):
    if len(arguments) != 1:
        print("usage: accounting.py RELEASE.json", file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            release = json.load(file)["release"]
        account(release)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"the file is not a release this script knows: {type(error).__name__}", file=sys.stderr)
        return 2
    for failure in failures:
        print(f"WRONG: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
