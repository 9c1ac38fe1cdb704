platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
bucket "files" {}
function "resize" {
  code = "functions/thumbnail"
  on   = bucket.files
}
