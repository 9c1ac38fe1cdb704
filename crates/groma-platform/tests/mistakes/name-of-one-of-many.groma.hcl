platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "branch" { each = "branch" }
environment "branch-main" {}
