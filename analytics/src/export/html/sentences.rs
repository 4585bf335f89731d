//! The plain words of the page: how to read a number, and what the numbers can and cannot tell.

use crate::export::xml::escape;
use crate::release::Release;

/// Before the first figure.
pub(super) fn reading() -> &'static str {
    "<p>Every number here was counted once and had random noise added before anyone saw it, so that nobody can find out from it \
     whether a particular person was counted. The noise is known in size. Beside each number stands its range: in 95 of 100 \
     cases the count before the noise lies inside.</p>\n\
     <p>In the charts a bar is the number and the line across its end is the range. A bar drawn as an outline is of \
     <strong>low reliability</strong>: its range is wider than 30 % of the number either way. Read it as &#8220;small&#8221;, not as a \
     number. A range without an end stroke on the left goes on below zero.</p>\n"
}

/// After the last figure.
pub(super) fn limits(release: &Release) -> String {
    format!(
        "<section aria-labelledby=\"limits\">\n<h2 id=\"limits\">What these numbers can and cannot tell</h2>\n{}{}{}{}</section>\n",
        can(),
        cannot(),
        privacy(release),
        caps(release)
    )
}

fn can() -> &'static str {
    "<h3>They can tell</h3>\n<ul>\n\
     <li>how many people the programme served, and how that changes from quarter to quarter;</li>\n\
     <li>how cities differ, where their ranges do not overlap;</li>\n\
     <li>totals: the noise of a large number is small against it.</li>\n</ul>\n"
}

fn cannot() -> &'static str {
    "<h3>They cannot tell</h3>\n<ul>\n\
     <li>anything about one person: whether somebody is in the programme, where, or since when;</li>\n\
     <li>that one city is above another when their ranges overlap;</li>\n\
     <li>that nobody was there: a number near zero with a wide range is &#8220;few or none&#8221;;</li>\n\
     <li>why a number changed, or how large it would be if all came who could: the range covers the noise alone, not the chance of \
     who came and not what was never reported;</li>\n\
     <li>anything by site or provider, by substance or by test result: none of that is published.</li>\n</ul>\n\
     <p>The whole numbers are rounded and never below zero, for reading. To add numbers up, take the unrounded estimates from \
     the CSV or JSON form: they add up exactly, and rounded ones do not. A range may reach below zero; that is the noise and not an error. \
     Reports that arrive later than 30 days after the quarter are counted in the next open one.</p>\n"
}

fn privacy(release: &Release) -> String {
    let promise = &release.privacy;
    let rows: Vec<String> = promise
        .guarantees
        .iter()
        .map(|row| {
            format!(
                "<tr><th scope=\"row\">{:e}</th><td>{}</td><td>{}</td></tr>\n",
                row.delta, row.epsilon_year, row.epsilon_ten_years
            )
        })
        .collect();
    format!(
        "<h3>The promise</h3>\n<p>Protected is {}. The budget of one person and calendar year is \u{201c}{}\u{201d}: rho {}. In the usual terms \
         of differential privacy:</p>\n\
         <table>\n<caption>What the budget means</caption>\n<thead><tr><th scope=\"col\">delta</th><th scope=\"col\">epsilon, one year</th>\
         <th scope=\"col\">epsilon, ten years</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>\n\
         <p>A person with two cards that nobody linked counts as two people. The promise is about what is published, not about \
         what a provider knows of its own clients.</p>\n",
        escape(&promise.unit),
        promise.budget,
        promise.year_nano_rho,
        rows.concat()
    )
}

fn caps(release: &Release) -> String {
    let caps: Vec<String> = release
        .privacy
        .caps
        .iter()
        .map(|cap| format!("<li>{}</li>\n", escape(cap)))
        .collect();
    format!(
        "<h3>The most one person counts</h3>\n<ul>\n{}</ul>\n<p>Indicators are defined in version {} of the programme&#8217;s definitions.</p>\n",
        caps.concat(),
        escape(&release.indicators)
    )
}
