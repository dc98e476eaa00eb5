// SPDX-License-Identifier: Apache-2.0
//! What ztest's summary says: how many cases of how many suites passed.

use anyhow::{Context, Result, bail};

/// One line for all suites of an image: ztest's own where there is one suite, else the sum.
///
/// # Errors
/// There is no summary, or no case passed.
pub(super) fn summary(lines: &[String]) -> Result<String> {
    let suites: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.find("SUITE PASS - ").map(|at| &line[at..]))
        .collect();
    let mut sums = [0_u64; 3];
    for suite in &suites {
        for (sum, name) in sums.iter_mut().zip(["pass = ", "fail = ", "skip = "]) {
            *sum += number(suite, name).with_context(|| format!("not a summary: {suite}"))?;
        }
    }
    let [passed, failed, skipped] = sums;
    if passed == 0 || failed > 0 {
        bail!("{} suites, {passed} passed, {failed} failed", suites.len());
    }
    if let [suite] = suites.as_slice() {
        let end = suite.find(" duration").unwrap_or(suite.len());
        return Ok(suite[..end].to_owned());
    }
    Ok(format!(
        "SUITE PASS - {} suites: pass = {passed}, fail = {failed}, skip = {skipped}",
        suites.len()
    ))
}

fn number(suite: &str, name: &str) -> Option<u64> {
    let digits = &suite[suite.find(name)? + name.len()..];
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::summary;

    fn of(lines: &[&str]) -> Option<String> {
        let lines: Vec<_> = lines.iter().map(|&line| line.to_owned()).collect();
        summary(&lines).ok()
    }

    const ONE: &str = "SUITE PASS - 100.00% [a]: pass = 16, fail = 0, skip = 0, total = 16 duration = 0.1 seconds";
    const TWO: &str =
        "SUITE PASS - 100.00% [b]: pass = 3, fail = 0, skip = 1, total = 4 duration = 0.1 seconds";

    #[test]
    fn one_suite_is_shown_as_it_is() {
        assert_eq!(
            of(&["------ TESTSUITE SUMMARY START ------", ONE]).as_deref(),
            Some("SUITE PASS - 100.00% [a]: pass = 16, fail = 0, skip = 0, total = 16")
        );
    }

    #[test]
    fn several_are_added_up() {
        assert_eq!(
            of(&[ONE, TWO]).as_deref(),
            Some("SUITE PASS - 2 suites: pass = 19, fail = 0, skip = 1")
        );
    }

    #[test]
    fn an_image_that_ran_nothing_has_not_passed() {
        assert_eq!(of(&["PROJECT EXECUTION SUCCESSFUL"]), None);
        assert_eq!(of(&[&ONE.replace("pass = 16", "pass = 0")]), None);
    }
}
