//! `payung release plan`: the noise to expect, from the public catalogue alone. It opens no data folder.

use analytics::budget::Budget;
use analytics::planner::{self, Expected, Sizes};

use crate::cli::PlanArgs;
use crate::error::Failure;
use crate::say;

/// Prints the plan.
pub fn run(args: &PlanArgs) -> Result<(), Failure> {
    for line in lines(args)? {
        say(&line);
    }
    Ok(())
}

/// The plan as lines.
pub fn lines(args: &PlanArgs) -> Result<Vec<String>, Failure> {
    let sizes = Sizes {
        active: args.active,
        drop_outs: args.dropouts,
        first: args.first,
        cities: args.cities,
        quarter: args.quarter,
    };
    let mut lines = vec![
        format!(
            "{} active clients, {} drop-outs and {} first enrolments a quarter, spread evenly over {} cities; quarter {} of the programme.",
            args.active, args.dropouts, args.first, args.cities, args.quarter
        ),
        "sd: standard deviation of the noise. half: half of its 95 % range. error: mean error as a part of the mean number. \
         low: a number of that size would be marked as of low reliability."
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
            "  {:<6} {:<11} {:<11} {:>12} {:>10} {:>10} {:>9}",
            "table", "series", "level", "mean number", "sd", "half", "error"
        ),
    ];
    lines.extend(expected.iter().map(line));
    Ok(lines)
}

fn line(expected: &Expected) -> String {
    let error = expected.relative_error();
    let error = if error.is_finite() {
        format!("{:.1} %", error * 100.0)
    } else {
        "-".to_owned()
    };
    let line = format!(
        "  {:<6} {:<11} {:<11} {:>12.1} {:>10.2} {:>10.2} {error:>9}{}",
        expected.table,
        expected.series.word(),
        expected.level,
        expected.mean,
        expected.sd,
        expected.half_width(),
        if expected.low { "  low" } else { "" }
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
    fn all_budgets_are_shown_or_the_one_asked_for() {
        let all = planned(&["--active", "3000", "--dropouts", "510"]);
        let headings = all.iter().filter(|line| line.starts_with("budget")).count();
        assert_eq!(headings, 3);
        let one = planned(&["--active", "3000", "--dropouts", "510", "--budget", "wide"]);
        assert!(one.iter().any(|line| line.starts_with("budget wide")));
        // Nobody was said to enrol: no share can be told.
        let last = one.last().unwrap();
        assert!(last.starts_with("  F ") && last.contains(" - "), "{last}");
        let active = one.iter().find(|line| line.contains("city-group")).unwrap();
        assert!(active.contains("125.0") && active.contains('%'), "{active}");
    }
}
