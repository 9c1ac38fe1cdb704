platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
edge "front" { kind = "waf" }
bucket "media" {
  cdn  = "media.example.com"
  edge = edge.front
}
