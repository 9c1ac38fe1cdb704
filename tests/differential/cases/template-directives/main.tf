locals {
  names = ["a", "b"]
  on    = true
}
output "if" { value = "x%{if local.on}yes%{else}no%{endif}y" }
output "if_only" { value = "x%{if !local.on}yes%{endif}y" }
output "for" { value = "%{for n in local.names}<${n}>%{endfor}" }
output "for_index" { value = "%{for i, n in local.names}${i}:${n} %{endfor}" }
output "trim" { value = "a   %{~if local.on~}   b   %{~endif~}   c" }
output "trim_interpolation" { value = "a   ${~local.on~}   c" }
output "nested" {
  value = "%{for n in local.names}%{if n == "a"}first%{else}other %{for m in local.names}${m}${n}%{endfor}%{endif};%{endfor}"
}
output "lines" {
  value = <<-EOT
    %{for n in local.names~}
    server ${n}
    %{endfor~}
    end
  EOT
}
