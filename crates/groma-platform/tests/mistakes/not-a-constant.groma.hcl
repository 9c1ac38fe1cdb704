platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
secret "app" { description = timestamp() }
role "r" {
  trusted = ["github:a/b"]
  uses = [secret.app]
}
