variable "config" {
  type = object({
    name = string
    nat = optional(object({
      enabled = optional(bool, false)
      size    = number
    }), { size = 1 })
  })
}
