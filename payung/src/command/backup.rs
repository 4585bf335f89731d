//! `payung backup`: remembering the day of the last copy.

use crypto::day::Day;
use server::error::Failure;
use server::open;
use server::upkeep::OLD_BACKUP_DAYS;

use crate::cli::BackupCommand;
use crate::opening::Opening;
use crate::output::say;

/// Notes today, or shows the day that was noted.
pub(crate) fn run(opening: &Opening, command: &BackupCommand) -> Result<(), Failure> {
    opening.dir.programme()?;
    let today = open::clock(&opening.dir)?.today();
    if matches!(command, BackupCommand::Noted) {
        opening.dir.note_backup(today)?;
    }
    say(&last(opening.dir.noted_backup(), today).0);
    Ok(())
}

/// When everything was copied last, in words, and whether somebody should do it again.
pub(crate) fn last(noted: Option<Day>, today: Day) -> (String, bool) {
    let Some(day) = noted else {
        let words = "nobody noted a backup yet: make one, then say `payung backup noted`";
        return (words.to_owned(), true);
    };
    let ago = today.since(day);
    let words = format!("the last backup was noted on {day}, {ago} days ago");
    (words, ago >= OLD_BACKUP_DAYS)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_backup_is_old_from_the_third_day_on() {
        let today: Day = "2026-03-10".parse().unwrap();
        for (ago, old) in [(0, false), (2, false), (3, true), (30, true)] {
            assert_eq!(last(Some(today.plus(-ago)), today).1, old, "{ago}");
        }
        assert!(last(None, today).1);
    }
}
