//! The page at `/`: what this is, and where things are.

/// The page, as HTML.
pub(super) fn landing(telemetry_path: &str) -> String {
    let path = escaped(telemetry_path);
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head><meta charset=\"utf-8\"><title>density-exporter</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n\
         <body>\n\
         <h1>density-exporter</h1>\n\
         <p>Prometheus metrics of a Density portfolio. Version {version}.</p>\n\
         <ul>\n\
         <li><a href=\"{path}\">Metrics</a></li>\n\
         <li><a href=\"/config\">Configuration, without secrets</a></li>\n\
         <li><a href=\"/-/healthy\">Health</a></li>\n\
         <li><a href=\"/-/ready\">Readiness</a></li>\n\
         </ul>\n\
         </body>\n\
         </html>\n"
    )
}

/// `text` as it may stand anywhere in HTML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_escaped() {
        let page = landing("/m\"><script>&'");
        assert!(page.contains("<a href=\"/m&quot;&gt;&lt;script&gt;&amp;&#39;\">"));
    }
}
