variable "config" {
  type = object({
    name = string
    nat = optional(object({
      enabled = optional(bool, false)
      size    = optional(number, 1)
    }), {})
  })
}
