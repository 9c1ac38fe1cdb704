locals { x = "value" }
output "plain" {
  value = <<EOT
line one
  indented ${local.x}
"quotes" and \n no escapes $${x}
EOT
}
output "flush" {
  value = <<-EOT
      four
    two
      four ${local.x}

    end
  EOT
}
output "empty" {
  value = <<EOT
EOT
}
output "in_call" {
  value = split("\n", <<EOT
a
b
EOT
  )
}
output "list" {
  value = [<<A
first
A
    , <<-B
      second
    B
  ]
}
output "flush_with_interpolated_start" {
  value = <<-EOT
    ${local.x}
      after
  EOT
}
