platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012", team = "210987654321" }
}
network "main" { accounts = ["team"] }
environment "prod" {
  network = network.main
  account = "team"
}
bucket "media" {}
role "robot" {
  trusted = ["github:shop/app:main"]
  may     = ["park"]
}
