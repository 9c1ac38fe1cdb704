platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
function "tick" {
  code = "functions/thumbnail"
  on   = schedule["rate(1 minutes)"]
}
