//! Certificates, made by openssl when a test needs them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Who issues certificates. Its own is `NAME.pem` of its folder, its key `NAME.key`.
pub struct Authority {
    folder: PathBuf,
    name: String,
}

impl Authority {
    pub fn new(folder: &Path, name: &str) -> Self {
        openssl(
            folder,
            &format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 10 \
                 -subj /CN={name} -keyout {name}.key -out {name}.pem"
            ),
        );
        Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Issues `NAME.pem` with `NAME.key` for these subject alternative names, such as `DNS:localhost`.
    pub fn issue(&self, name: &str, names: &str) {
        self.issue_for(name, names, 10);
    }

    /// One that is valid no more.
    pub fn issue_expired(&self, name: &str, names: &str) {
        self.issue_for(name, names, -1);
    }

    fn issue_for(&self, name: &str, names: &str, days: i32) {
        let authority = &self.name;
        openssl(
            &self.folder,
            &format!(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} \
                 -keyout {name}.key -out {name}.csr"
            ),
        );
        let extensions = format!("subjectAltName={names}\n");
        std::fs::write(self.folder.join(format!("{name}.ext")), extensions).unwrap();
        openssl(
            &self.folder,
            &format!(
                "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial \
                 -extfile {name}.ext -days {days} -out {name}.pem"
            ),
        );
    }
}

/// Runs openssl in `folder`.
pub fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
}
