variable "dns" {
  type    = bool
  default = false
}

output "dns" {
  value = var.dns
}
