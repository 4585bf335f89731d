//! Test 7: what reaches the store through terminals, outbox and delivery tells no more than what is imported.
//!
//! Two copies of one programme are fed through cards, terminals and both roles over HTTP. In the one so many reports wait as fill one
//! part of a delivery but for one, in the other one person more fills it: where a number of reports let them leave, or a report
//! brought its city, the two would differ in what is public. They do the same things as in test 4 and are compared as there.
//!
//! Limit: the days of the two roles are this machine's; what happens when a day turns is proved inside the house.

use std::path::Path;

use crate::instance::Binary;
use crate::leaks;
use crate::no_verdict::NoVerdict;
use crate::verdict::{Test, Verdict};

const HEADER: &str = "person,date,site,service,event,covered_until,gender,age_band\n";
/// People, and rows of each: a part of a delivery but for one report.
const PEOPLE: usize = 51;
const ROWS: usize = 5;
/// The person more.
const ONE_MORE: &str = "one-more,2024-02-29,city-001/house,nsp,contact,,,\n";

/// Compares the two.
///
/// # Errors
/// [`NoVerdict`] when an instance does not work.
pub(crate) fn run(binary: &Binary, folder: &Path) -> Result<Vec<Verdict>, NoVerdict> {
    let fewer = binary.found(folder.join("delivered-fewer"))?;
    let more = fewer.copy(folder.join("delivered-more"))?;
    let rows = rows();
    fewer.replay(&rows)?;
    more.replay(&format!("{rows}{ONE_MORE}"))?;
    Ok(vec![leaks::compare(
        Test::Delivery,
        "one report more in a delivery changes nothing but noise",
        &fewer,
        &more,
    )?])
}

fn rows() -> String {
    let mut text = HEADER.to_owned();
    for row in 0..ROWS {
        for person in 0..PEOPLE {
            let (month, city) = (row + 1, person % 2);
            text.push_str(&format!(
                "p-{person},2024-{month:02}-10,city-{city:03}/house,nsp,contact,,,\n"
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_a_part_of_a_delivery_but_for_one() {
        assert_eq!(rows().lines().count() - 1, 255);
    }
}
