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
# Table: share of a year's budget, releases that share one bound, and each level's part of the table's share.
CATALOGUE = {
    "A": (
        Fraction(30, 100),
        1,
        {"total": Fraction(15, 100), "city": Fraction(25, 100), "city-group": Fraction(60, 100)},
    ),
    "D": (Fraction(10, 100), 4, {"total": Fraction(1, 3), "city": Fraction(1, 3)}),
    "F": (Fraction(10, 100), HORIZON, {"city": Fraction(1)}),
}
CAPS = (
    "active: one cell per quarter (city of the latest contact, group on record)",
    "drop-outs: at most two per calendar year, at most one per service and year",
    "first enrolment: one per life",
)

failures = []


def check(good, text):
    if not good:
        failures.append(text)


# --- how far one person can move a level, squared, from the caps alone -------------------------------------------------


def square(cells):
    """Squared Euclidean length of the counts in a list of cells."""
    return sum(cells.count(cell) ** 2 for cell in set(cells))


def worst_active(coarse):
    """One cell (city, group) in a quarter; two cities and two groups show every pattern."""
    return max(square([coarse(city, group)]) for city in range(2) for group in range(2))


def worst_drop_outs(coarse):
    """None to two drop-outs in the four quarters of a year, in any cities, of different services."""
    places = list(itertools.product(range(RELEASES_A_YEAR), range(3)))
    histories = [[]] + [[one] for one in places] + [list(two) for two in itertools.product(places, repeat=2)]
    return max(square([(quarter, coarse(city)) for quarter, city in history]) for history in histories)


def coefficients():
    """r_k = C(2k, k) / 4^k: the square root of the matrix of prefix sums."""
    return [Fraction(math.comb(2 * k, k), 4**k) for k in range(HORIZON)]


def worst_first():
    """One enrolment in a life, in quarter j of a block: it moves measurements j, j + 1, .. by r_0, r_1, .. ."""
    r = coefficients()
    return max(sum(r[n - j] ** 2 for n in range(j, HORIZON)) for j in range(HORIZON)) * 16 ** (HORIZON - 1)


def worst_first_of_a_year():
    """The most of it that falls into four releases in a row."""
    r = coefficients()
    windows = range(1 - HORIZON, HORIZON)
    best = max(sum(r[k] ** 2 for k in range(HORIZON) if start <= k < start + RELEASES_A_YEAR) for start in windows)
    return best * 16 ** (HORIZON - 1)


WORST = {
    ("A", "total"): worst_active(lambda city, group: 0),
    ("A", "city"): worst_active(lambda city, group: city),
    ("A", "city-group"): worst_active(lambda city, group: (city, group)),
    ("D", "total"): worst_drop_outs(lambda city: 0),
    ("D", "city"): worst_drop_outs(lambda city: city),
    ("F", "city"): worst_first(),
}


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
    share, span, parts = CATALOGUE[table["table"]]
    name = f"table {table['table']} level {level['level']}"
    bound, sigma = Fraction(level["l2_squared"]), Fraction(level["sigma"])
    worst = WORST[(table["table"], level["level"])]
    check(worst <= bound, f"{name}: one person can move it by {worst}, the release says {bound}")
    check(worst == bound, f"{name}: the bound {bound} is larger than the worst history needs ({worst})")
    span_cost = worst / (2 * sigma * sigma) * NANO
    debit = level["nano_rho"]
    check(span_cost <= debit * span, f"{name}: a person can lose {float(span_cost):.0f}, debited are {debit * span}")
    allowed = year_budget * share * parts[level["level"]] / RELEASES_A_YEAR
    check(debit <= allowed, f"{name}: {debit} debited, the share allows {float(allowed):.0f} a release")
    check(debit >= allowed * Fraction(99, 100), f"{name}: {debit} debited wastes more than a hundredth of the share")
    if table["table"] == "F":
        of_year = worst_first_of_a_year() / (2 * sigma * sigma) * NANO
    else:
        of_year = span_cost * RELEASES_A_YEAR / span
    print(f"  {level['level']:<12} bound {float(bound):<12.6g} sigma {float(sigma):<12.6g} debit {debit:>9} nano-rho"
          f"   at worst in a calendar year {float(of_year):>12.0f}")
    return debit, of_year


def tables(release, year_budget):
    """Checks every table; returns (debits of one release, exact worst cost of a calendar year)."""
    debits, worst = 0, Fraction(0)
    check([table["table"] for table in release["tables"]] == list(CATALOGUE), "the tables are not those of the catalogue")
    for table in release["tables"]:
        _, span, parts = CATALOGUE[table["table"]]
        print(f"table {table['table']}: {table['title']}")
        check(table["releases_in_bound"] == span, f"table {table['table']}: {span} releases share a bound")
        check([level["level"] for level in table["levels"]] == list(parts), f"table {table['table']}: levels differ")
        costs = [level_cost(table, level, year_budget) for level in table["levels"]]
        check(table["nano_rho"] == sum(debit for debit, _ in costs), f"table {table['table']}: its levels do not add up")
        debits += table["nano_rho"]
        worst += sum(of_year for _, of_year in costs)
    return debits, worst


def account(release):
    privacy = release["privacy"]
    year_budget = BUDGETS[privacy["budget"]]
    check(privacy["year_nano_rho"] == year_budget, "the year's budget is not that of its name")
    check(tuple(privacy["caps"]) == CAPS, "the caps are not those that were reckoned with")
    debits, worst = tables(release, year_budget)
    period, start = quarter_number(release["period"]), quarter_number(release["start"])
    releases = period - max(start, period - period % 4) + 1
    check(privacy["spent_in_year_nano_rho"] == releases * debits, "the debits of the year are not those of its releases")
    check(RELEASES_A_YEAR * debits <= year_budget, "a year's debits pass the budget")
    check(worst <= year_budget, f"one person can lose {float(worst):.0f} in a year, the budget is {year_budget}")
    print(f"debits of a full year {RELEASES_A_YEAR * debits}, at worst {float(worst):.0f}, budget {year_budget} nano-rho")
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
