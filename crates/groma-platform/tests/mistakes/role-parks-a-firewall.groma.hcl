platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
network "main" {
  nat      = "single"
  firewall = [".amazonaws.com"]
}
environment "prod" { network = network.main }
bucket "media" {}
role "robot" {
  trusted = ["github:shop/app:main"]
  may     = ["resume"]
}
