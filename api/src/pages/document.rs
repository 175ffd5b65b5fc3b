//! Documents people print or send on: one file with all that it takes, nothing that runs, and everything escaped on its way in.

use std::fmt::Write;

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use frontoffice_domain::{locale::Locale, pricing::rules::content_hash};

use super::escaped;

const STYLE: &str = include_str!("../../assets/document/document.css");

/// A column of a table.
#[derive(Clone, Copy)]
pub(crate) enum Column<'a> {
    /// Of words.
    Text(&'a str),
    /// Of numbers.
    Number(&'a str),
    /// Of numbers, with a head of its own below one that it shares with its neighbours.
    Under(&'a str, &'a str),
}

impl<'a> Column<'a> {
    fn head(self) -> &'a str {
        match self {
            Self::Text(head) | Self::Number(head) | Self::Under(_, head) => head,
        }
    }

    /// The head it shares, if it does.
    fn shared(self) -> Option<&'a str> {
        match self {
            Self::Under(shared, _) => Some(shared),
            Self::Text(_) | Self::Number(_) => None,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Text(_) => "",
            Self::Number(_) | Self::Under(..) => " class=\"number\"",
        }
    }
}

/// A document, while it is written. Nothing gets into it but as text.
pub(crate) struct Document {
    html: String,
}

impl Document {
    pub(crate) fn new(locale: Locale, title: &str) -> Self {
        let title = escaped(title);
        let html = format!(
            "<!doctype html>\n<html lang=\"{locale}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
             </head>\n<body>\n<main>\n<h1>{title}</h1>\n",
            locale = locale.as_str(),
        );
        Self { html }
    }

    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = self.html.write_fmt(text);
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.add(format_args!("<h2>{}</h2>\n", escaped(text)));
    }

    pub(crate) fn line(&mut self, text: &str) {
        self.add(format_args!("<p>{}</p>\n", escaped(text)));
    }

    /// Something by the way.
    pub(crate) fn aside(&mut self, text: &str) {
        self.add(format_args!("<p class=\"soft\">{}</p>\n", escaped(text)));
    }

    /// Something that must not be overlooked.
    pub(crate) fn warning(&mut self, text: &str) {
        self.add(format_args!("<p class=\"bad\">{}</p>\n", escaped(text)));
    }

    /// What is known of the whole, a name and a value each.
    pub(crate) fn facts(&mut self, facts: &[(&str, String)]) {
        self.add(format_args!("<div class=\"scroll\"><table class=\"facts\">\n<tbody>\n"));
        for (name, value) in facts {
            self.add(format_args!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(name), escaped(value)));
        }
        self.add(format_args!("</tbody>\n</table></div>\n"));
    }

    /// A table; `total` is its last row, if it has one.
    pub(crate) fn table(&mut self, columns: &[Column<'_>], rows: &[Vec<String>], total: Option<&[String]>) {
        self.add(format_args!("<div class=\"scroll\"><table>\n<thead>"));
        self.heads(columns);
        self.add(format_args!("</thead>\n<tbody>\n"));
        for row in rows {
            self.row(columns, row);
        }
        self.add(format_args!("</tbody>\n"));
        if let Some(total) = total {
            self.add(format_args!("<tfoot>\n"));
            self.row(columns, total);
            self.add(format_args!("</tfoot>\n"));
        }
        self.add(format_args!("</table></div>\n"));
    }

    /// One row of heads, or two where some are shared: those that are not reach over both.
    fn heads(&mut self, columns: &[Column<'_>]) {
        let is_shared = columns.iter().any(|column| column.shared().is_some());
        let over_both = if is_shared { " rowspan=\"2\"" } else { "" };
        self.add(format_args!("<tr>"));
        for group in columns.chunk_by(|one, next| one.shared().is_some() && one.shared() == next.shared()) {
            match group {
                [column, ..] if column.shared().is_some() => {
                    let shared = column.shared().unwrap_or_default();
                    let head = escaped(shared);
                    self.add(format_args!("<th scope=\"colgroup\" colspan=\"{}\" class=\"number\">{head}</th>", group.len()));
                }
                _ => {
                    for column in group {
                        let (class, head) = (column.class(), escaped(column.head()));
                        self.add(format_args!("<th scope=\"col\"{over_both}{class}>{head}</th>"));
                    }
                }
            }
        }
        self.add(format_args!("</tr>"));
        if is_shared {
            self.add(format_args!("<tr>"));
            for column in columns.iter().filter(|column| column.shared().is_some()) {
                self.add(format_args!("<th scope=\"col\"{}>{}</th>", column.class(), escaped(column.head())));
            }
            self.add(format_args!("</tr>"));
        }
    }

    fn row(&mut self, columns: &[Column<'_>], row: &[String]) {
        self.add(format_args!("<tr>"));
        for (column, cell) in columns.iter().zip(row) {
            self.add(format_args!("<td{}>{}</td>", column.class(), escaped(cell)));
        }
        self.add(format_args!("</tr>\n"));
    }

    pub(crate) fn html(mut self) -> String {
        self.html.push_str("</main>\n</body>\n</html>\n");
        self.html
    }
}

/// A document as an answer: nothing runs in it, nothing is loaded, and its own style alone is good.
pub(crate) fn shown(html: String, name: &str) -> Response {
    let style = STANDARD.encode(content_hash(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    );
    answer("text/html; charset=utf-8", &format!("inline; filename=\"{name}\""), Some(&policy), html.into_bytes())
}

/// A file as an answer. `name` is of this program's own making.
pub(crate) fn attached(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    answer(media_type, &format!("attachment; filename=\"{name}\""), None, bytes)
}

fn answer(media_type: &'static str, disposition: &str, policy: Option<&str>, bytes: Vec<u8>) -> Response {
    let fixed: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    let mut response = (fixed, bytes).into_response();
    let said = [(header::CONTENT_DISPOSITION, Some(disposition)), (header::CONTENT_SECURITY_POLICY, policy)];
    for (name, value) in said {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_in_but_as_text() {
        let evil = "<script>alert('x')</script>\"&";
        let mut document = Document::new(Locale::En, evil);
        document.heading(evil);
        document.line(evil);
        document.aside(evil);
        document.warning(evil);
        document.facts(&[(evil, evil.to_owned())]);
        let row = vec![evil.to_owned(), evil.to_owned()];
        document.table(&[Column::Text(evil), Column::Number(evil)], std::slice::from_ref(&row), Some(&row));
        document.table(&[Column::Text(evil), Column::Under(evil, evil)], std::slice::from_ref(&row), None);
        let html = document.html();
        assert!(!html.contains("<script") && !html.contains("'x'"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;").count(), 19);
        // The style must not end before its end, or its hash is another's.
        assert!(!STYLE.contains('<'));
    }

    #[test]
    fn columns_share_a_head() {
        let mut document = Document::new(Locale::En, "x");
        let columns = [
            Column::Text("Who"),
            Column::Under("Price", "before"),
            Column::Under("Price", "after"),
            Column::Under("Use", "before"),
        ];
        document.table(&columns, &[], None);
        let html = document.html();
        let heads = "<thead><tr><th scope=\"col\" rowspan=\"2\">Who</th>\
                     <th scope=\"colgroup\" colspan=\"2\" class=\"number\">Price</th><th scope=\"colgroup\" colspan=\"1\" class=\"number\">Use</th></tr>\
                     <tr><th scope=\"col\" class=\"number\">before</th><th scope=\"col\" class=\"number\">after</th>\
                     <th scope=\"col\" class=\"number\">before</th></tr></thead>";
        assert!(html.contains(heads), "{html}");
        let mut plain = Document::new(Locale::En, "x");
        plain.table(&[Column::Text("Who"), Column::Number("What")], &[], None);
        let heads = "<thead><tr><th scope=\"col\">Who</th><th scope=\"col\" class=\"number\">What</th></tr></thead>";
        assert!(plain.html().contains(heads));
    }

    #[test]
    fn its_own_style_alone_is_good() {
        let response = shown(Document::new(Locale::En, "x").html(), "x.html");
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    }
}
