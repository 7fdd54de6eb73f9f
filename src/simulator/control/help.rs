//! `GET /simulator`: what the control routes are, for people.

const TEXT: &str = "\
A simulated Density API. The API itself is under /v3; these paths control it.

GET    /simulator/truth     the portfolio in numbers
GET    /simulator/places    ids and names to choose from
GET    /simulator/calls     requests and responses, counted
DELETE /simulator/calls     count from zero
GET    /simulator/faults    the active faults, one a line
POST   /simulator/faults    add faults, one a line
DELETE /simulator/faults    end all faults
POST   /simulator/events    apply events, one a line
POST   /simulator/wrapping  reference, bare, data or results
DELETE /simulator/tokens    expire all OAuth tokens

Faults: ENDPOINT=KIND[,times=N], for example
  *=latency:2s
  sensor_health=status:503,retry_after=30,times=3
Endpoints: * token hello_world spaces sensors sensor_health current_count presence
  plain_presence history users streams other
Kinds: latency:DURATION status:CODE[,retry_after=TEXT][,body=TEXT] truncate hang
  hang_in_body trickle:BYTES_PER_SECOND reset malformed garbage html
  wrong_content_type error_with_200 expired_token huge:BYTES deep:DEPTH redirect:URL

Events, for example
  offline all            online all            auto all
  offline floor ID       degraded sensor SERIAL
  flapping building ID   unknown space ID
  rename ID New name     lifecycle ID planning
  remove sensor SERIAL   restore sensor SERIAL
";

pub(in crate::simulator) async fn help() -> &'static str {
    TEXT
}
