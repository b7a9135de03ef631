locals {
  dns = false
}

output "dns" {
  value = local.dns
}
