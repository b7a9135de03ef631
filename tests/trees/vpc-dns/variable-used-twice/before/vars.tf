variable "on" {
  type    = bool
  default = false
}

output "on" {
  value = var.on
}
