//! `payung release plan`: the noise to expect, from the public catalogue alone. It opens no data folder.

use privacy::budget::Budget;
use release::planner::{self, Expected, Sizes};
use server::error::Failure;

use crate::cli::PlanArgs;
use crate::output::say;

/// Prints the plan.
pub(crate) fn run(args: &PlanArgs) -> Result<(), Failure> {
    for line in lines(args)? {
        say(&line);
    }
    Ok(())
}

/// The plan as lines.
pub(crate) fn lines(args: &PlanArgs) -> Result<Vec<String>, Failure> {
    let sizes = Sizes {
        active: args.active,
        drop_outs: args.dropouts,
        first: args.first,
        cities: args.cities,
        services: args.services,
        services_each: args.services_each,
        quarter: args.quarter,
    };
    let mut lines = vec![
        format!(
            "{} active clients, {} drop-outs and {} first enrolments a quarter, spread evenly over {} cities and {} services, {} \
             services of a client; quarter {} of the programme.",
            args.active,
            args.dropouts,
            args.first,
            args.cities,
            args.services,
            args.services_each,
            args.quarter
        ),
        "sd: standard deviation of the noise. half: half of its 95 % range. error: mean error as a part of the mean number. \
         low: a number of that size would be marked as of low reliability. -: no size is known."
            .to_owned(),
    ];
    for budget in Budget::ALL {
        if args
            .budget
            .is_none_or(|only| super::init::budget(only) == budget)
        {
            lines.extend(of_budget(budget, &sizes)?);
        }
    }
    Ok(lines)
}

fn of_budget(budget: Budget, sizes: &Sizes) -> Result<Vec<String>, Failure> {
    let expected = planner::expected(budget, sizes).map_err(|e| Failure::of("the plan", e))?;
    let mut lines = vec![
        String::new(),
        format!("budget {budget}: rho {} a year", budget.per_year()),
        format!(
            "  {:<6} {:<11} {:<12} {:>12} {:>10} {:>10} {:>9}",
            "table", "series", "level", "mean number", "sd", "half", "error"
        ),
    ];
    lines.extend(expected.iter().map(line));
    Ok(lines)
}

fn line(expected: &Expected) -> String {
    let mean = expected.mean.map(|mean| format!("{mean:.1}"));
    let error = expected.relative_error().filter(|error| error.is_finite());
    let error = error.map(|error| format!("{:.1} %", error * 100.0));
    let unknown = || "-".to_owned();
    let line = format!(
        "  {:<6} {:<11} {:<12} {:>12} {:>10.2} {:>10.2} {:>9}{}",
        expected.table,
        expected.series.word(),
        expected.level,
        mean.unwrap_or_else(unknown),
        expected.sd,
        expected.half_width(),
        error.unwrap_or_else(unknown),
        if expected.low == Some(true) {
            "  low"
        } else {
            ""
        }
    );
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::cli::{Cli, Command, ReleaseCommand};
    use clap::Parser as _;

    fn planned(words: &[&str]) -> Vec<String> {
        let start = ["payung", "release", "plan", "--cities", "4"];
        let cli = Cli::try_parse_from([&start, words].concat()).unwrap();
        let Command::Release(ReleaseCommand::Plan(args)) = cli.command else {
            panic!("a plan was asked for");
        };
        lines(&args).unwrap()
    }

    #[test]
    fn sizes_beyond_the_caps_are_refused() {
        for wrong in ["0", "3.5", "many", "nan", "-1"] {
            let each = format!("--services-each={wrong}");
            let words = [
                "payung",
                "release",
                "plan",
                "--cities",
                "4",
                "--active",
                "9",
                "--dropouts",
                "1",
                &each,
            ];
            assert!(Cli::try_parse_from(words).is_err(), "{wrong}");
        }
    }

    #[test]
    fn all_budgets_are_shown_or_the_one_asked_for() {
        let all = planned(&["--active", "3000", "--dropouts", "510"]);
        let headings = all.iter().filter(|line| line.starts_with("budget")).count();
        assert_eq!(headings, 3);
        let one = planned(&["--active", "3000", "--dropouts", "510", "--budget", "wide"]);
        assert!(one.iter().any(|line| line.starts_with("budget wide")));
        // Nobody was said to enrol: no share can be told. Nobody was asked about the cascade: no size either.
        let of = |table: &str, level: &str| {
            let start = format!("  {table} ");
            let found = one
                .iter()
                .find(|line| line.starts_with(&start) && line.contains(level));
            found.unwrap_or_else(|| panic!("{table} {level}")).clone()
        };
        assert!(of("F", "cumulative").contains(" 0.0 ") && of("F", "cumulative").contains(" - "));
        assert_eq!(of("C", "city-stage").matches(" -").count(), 2);
        // 3,000 clients with 1.7 services each in 13 services; twice as many with twice the services.
        assert!(
            of("B", " service ").contains(" 392.3 "),
            "{}",
            of("B", " service ")
        );
        let more = [
            "--active",
            "3000",
            "--dropouts",
            "510",
            "--services-each",
            "3",
            "--services",
            "26",
        ];
        let more = planned(&more);
        let line = more
            .iter()
            .find(|line| line.starts_with("  B ") && line.contains(" service "));
        assert!(line.unwrap().contains(" 346.2 "), "{line:?}");
        let active = one.iter().find(|line| line.contains("city-group")).unwrap();
        assert!(active.contains("125.0") && active.contains('%'), "{active}");
    }
}
