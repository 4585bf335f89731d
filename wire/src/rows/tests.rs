#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

const HEADER: &str = "person,date,site,service,event,covered_until,gender,age_band\n";

fn read(body: &str) -> Vec<Result<Row, RowError>> {
    let text = format!("{HEADER}{body}");
    let mut rows = Rows::new(text.as_bytes()).unwrap();
    std::iter::from_fn(|| rows.next_row().unwrap()).collect()
}

#[test]
fn a_full_and_a_bare_row() {
    let rows = read(
        "p1,2026-01-05,medan/klinik-a,art,enrolled,2026-02-04,woman,under 25\n\"p,2\",2026-01-06,medan/klinik-a,hts,result:negative,,,\n",
    );
    let first = rows[0].as_ref().unwrap();
    assert_eq!(
        (first.line, first.person.as_str(), first.site.city()),
        (2, "p1", "medan")
    );
    assert_eq!(first.covered_until.unwrap().since(first.day), 30);
    assert!(first.group.is_some());
    let second = rows[1].as_ref().unwrap();
    assert_eq!(
        (
            second.line,
            second.person.as_str(),
            second.covered_until,
            second.group
        ),
        (3, "p,2", None, None)
    );
}

#[test]
fn a_bad_row_is_named_and_the_others_stand() {
    let good = "p1,2026-01-05,medan/a,art,contact,,,";
    for (row, column) in [
        ("p1,2026-01-05,medan/a,art,contact,,", "row"),
        ("p1,2026-01-05,medan/a,art,contact,,,,", "row"),
        (",2026-01-05,medan/a,art,contact,,,", "person"),
        ("p1,2026-02-30,medan/a,art,contact,,,", "date"),
        ("p1,2026-01-05,Medan,art,contact,,,", "site"),
        ("p1,2026-01-05,medan/a,A R T,contact,,,", "service"),
        ("p1,2026-01-05,medan/a,art,left,,,", "event"),
        (
            "p1,2026-01-05,medan/a,art,contact,2026-01-04,,",
            "covered_until",
        ),
        (
            "p1,2026-01-05,medan/a,art,contact,2027-01-07,,",
            "covered_until",
        ),
        ("p1,2026-01-05,medan/a,art,contact,,female,", "gender"),
        ("p1,2026-01-05,medan/a,art,contact,,,young", "age_band"),
    ] {
        let rows = read(&format!("{good}\n{row}\n{good}\n"));
        assert_eq!(rows.len(), 3, "{row}");
        assert!(rows[0].is_ok() && rows[2].is_ok(), "{row}");
        let error = rows[1].as_ref().unwrap_err();
        assert_eq!((error.line, error.column), (3, column));
    }
}

fn header(text: &str) -> HeaderError {
    Rows::new(text.as_bytes()).err().expect(text)
}

/// The header with one thing put in the place of another.
fn with(what: &str, by: &str) -> String {
    assert!(HEADER.contains(what));
    HEADER.replacen(what, by, 1)
}

#[test]
fn the_header_must_name_the_eight_columns_and_the_refusal_names_what_differs() {
    for (first, said) in [
        (String::new(), "it is empty"),
        ("\r\n\n".to_owned(), "it is empty"),
        ("person,date\n".to_owned(), "is no header"),
        (
            "Ivanov,2026-01-05,medan/a,art,contact,,,\n".to_owned(),
            "is no header",
        ),
        (HEADER.replace(',', "|"), "is no header"),
        (format!("sep=|\n{HEADER}"), "sep="),
        (with("age_band", "age"), "lacks the column \"age_band\""),
        (with("age_band", "age_band,name"), "has the column \"name\""),
        (with("person", "person,person"), "\"person\" twice"),
        (with("age_band", "age_band,\u{200b}"), "\"number 9\""),
        (with("age_band", "\"age_band\n1\n\""), "is no header"),
    ] {
        let error = header(&first).to_string();
        let echoes = error.contains("Ivanov");
        assert!(error.contains(said) && !echoes, "{first}: {error}");
    }
}

#[test]
fn a_file_that_is_no_table_of_text_is_called_by_what_it_is() {
    let workbook = header("PK\u{3}\u{4}xl/workbook.xml").to_string();
    let named = workbook.contains("workbook") && workbook.contains("CSV UTF-8");
    assert!(named, "{workbook}");
    let wide: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = Rows::new(wide.as_slice()).err().unwrap().to_string();
    assert!(wide.contains("UTF-16"), "{wide}");
}

/// What spreadsheets of several countries write of one row.
#[test]
fn separators_marks_case_and_empty_columns_make_no_other_table() {
    let names = "person,date,site,service,event,covered_until,gender,age_band";
    let row = "p1,2026-01-05,medan/a,art,enrolled,,,";
    let plain = read(&format!("{row}\n")).remove(0).unwrap();
    for (file, line) in [
        (format!("\u{feff}{names}\r\n{row}\r\n"), 2),
        (format!("\u{feff}{names}\r\n{row}\r\n").replace(',', ";"), 2),
        (format!("{names}\n{row}\n").replace(',', "\t"), 2),
        (
            format!(
                "sep=;\r\n{}\r\n{}\r\n",
                names.replace(',', ";"),
                row.replace(',', ";")
            ),
            3,
        ),
        (format!("{names},,\n{row},,\n"), 2),
        (format!("{names},,\n,,,,,,,,,\n{row}\n"), 3),
        (format!("{}\n{row}\n", names.to_uppercase()), 2),
        (format!("{}\n{row}\n", names.replace(',', " , ")), 2),
        (format!("{names}\r{row}\r"), 2),
        (format!("\n{names}\n\n{row}"), 4),
    ] {
        let mut rows = Rows::new(file.as_bytes()).unwrap();
        let read = rows.next_row().unwrap().unwrap().unwrap();
        let expected = Row {
            line: read.line,
            ..plain.clone()
        };
        assert_eq!(read, expected, "{file:?}");
        assert!(
            read.line == line || file.contains('\r'),
            "{file:?}: {}",
            read.line
        );
        assert!(rows.next_row().unwrap().is_none(), "{file:?}");
    }
}

#[test]
fn a_client_code_is_one_code_however_it_was_typed_and_what_nobody_sees_is_refused() {
    let rest = ",2026-01-05,medan/a,art,contact,,,\n";
    let code = |typed: &str| {
        read(&format!("{typed}{rest}"))
            .remove(0)
            .map(|row| row.person)
    };
    for typed in [
        "\u{439}1",
        "\u{438}\u{306}1",
        "\u{439}1 ",
        "\u{a0}\u{439}1\u{2003}",
        "\"\u{439}1\t\"",
        "\u{feff}\u{439}1",
    ] {
        assert_eq!(code(typed).unwrap(), "\u{439}1", "{typed:?}");
    }
    assert_eq!(code("p\u{a0}1").unwrap(), "p 1");
    for (typed, name) in [
        ("p1\u{200b}", "zero-width space"),
        ("p\u{0}1", "control character"),
        ("p\t1", "tabulator"),
        ("p1\u{2028}x", "line end"),
        ("\u{202e}p1", "writing direction"),
    ] {
        let error = code(typed).unwrap_err();
        assert_eq!((error.column, error.lines), ("person", 1), "{typed:?}");
        assert!(error.to_string().contains(name), "{error}");
    }
    // Characters are counted, not bytes.
    assert_eq!(code(&"\u{439}".repeat(256)).unwrap().chars().count(), 256);
    assert!(code(&"\u{439}".repeat(257)).is_err());
    // The other columns pass the same door.
    let rows =
        read("p1, 2026-01-05,medan/a\u{a0},art , contact,2026-02-04 , woman,25\u{a0}and over\n");
    assert!(rows[0].is_ok(), "{rows:?}");
}

#[test]
fn an_open_quotation_mark_is_refused_with_every_line_that_it_swallowed() {
    let good = "p1,2026-01-05,medan/a,art,contact,,,";
    let rows = read(&format!(
        "{good}\n\"p2,2026-01-05,medan/a,art,contact,,,\n{good}\n{good}\n"
    ));
    assert_eq!(rows.len(), 2);
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!((error.line, error.lines, error.column), (3, 3, "row"));
    assert!(error.to_string().starts_with("lines 3 to 5,"), "{error}");
    // Closed again, it is still no row, and the next one stands.
    for ends in ["\n", "\r\n", "\r"] {
        let rows = read(&format!(
            "\"p{ends}2\",2026-01-05,medan/a,art,contact,,,\n{good}\n"
        ));
        let error = rows[0].as_ref().unwrap_err();
        assert_eq!((error.line, error.lines), (2, 2), "{ends:?}");
        assert!(rows[1].is_ok());
    }
    let last = read("p1,2026-01-05,medan/a,art,contact,,,\"\n");
    assert_eq!((last.len(), last[0].as_ref().unwrap_err().lines), (1, 1));
}

#[test]
fn rows_without_content_are_no_rows() {
    let good = "p1,2026-01-05,medan/a,art,contact,,,";
    let rows = read(&format!(",,,,,,,\n{good}\n , ,\u{a0},,,,,\n\n  \n,,\n"));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].as_ref().unwrap().line, 3);
}

#[test]
fn bytes_that_are_no_text_are_refused_by_column() {
    let mut text = HEADER.as_bytes().to_vec();
    text.extend_from_slice(b"p\xff,2026-01-05,medan/a,art,contact,,,\n");
    let error = Rows::new(text.as_slice())
        .unwrap()
        .next_row()
        .unwrap()
        .unwrap()
        .unwrap_err();
    assert_eq!((error.line, error.column), (2, "person"));
}
