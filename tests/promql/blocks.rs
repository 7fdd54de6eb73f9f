//! The queries that a page of the documentation gives to people.

/// The PromQL blocks of a Markdown page.
pub fn promql_blocks(page: &str) -> Vec<&str> {
    let after = page.split("```promql\n").skip(1);
    after.filter_map(|it| it.split("```").next()).collect()
}
